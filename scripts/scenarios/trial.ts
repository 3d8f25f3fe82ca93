import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent/errors.ts';
import { uniquePrefix } from '../experiment/failover.ts';
import type { RedisSet, SetPod } from '../experiment/redis-set.ts';
import type { RecordOf, Session } from '../experiment/session.ts';
import { phaseMs, type Blow, type Strike } from '../experiment/strike.ts';
import type { Workload } from '../experiment/workload.ts';
import type { Checked } from '../workload/record.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { MakeFault } from './concert.ts';
import { longestGapMs, longestStrayMs, maximum, type Outcome } from './outcome.ts';
import type { Case } from './scenario.ts';
import type { Lookout, Stage } from './stage.ts';

/** Clients that write through the leader Service. */
const writerCount = 2;
/** Between two questions to a pod, and between two new connections through the leader Service. */
const censusPeriodMs = 4;
const rolesPeriodMs = 20;
const writerPeriodMs = 5;
/** Between two writes to a set that has to write little. */
const quietPeriodMs = 250;
/** How long patient clients wait for an answer, before they connect anew. */
const patientTimeoutMs = 10_000;
/** What was acknowledged so long before a leader was lost has reached the replicas. */
const replicatedMs = 1000;
/** For how long writing goes on after the last thing that happened. */
const writeAfterMs = 1000;
/** Nothing takes so long but for ever. */
const patienceMs = 120_000;
/** Records of what did not hold that are told one by one. */
const toldCount = 3;

interface Writer {
  readonly prefix: string;
  readonly session: Session;
}

/** What a trial is made of. */
export interface Beginning {
  readonly stage: Stage;
  readonly played: Case;
  readonly fault: MakeFault;
}

/** One run of a case, and all that watches it. */
export class Trial {
  readonly stage: Stage;
  readonly #played: Case;
  /** Programs that hear and say what they have to whatever happens to the set. */
  readonly lookout: Lookout;
  /** Does something to the cluster, and resolves with what undoes it. */
  readonly fault: MakeFault;
  /** Who led at the beginning; `null` when nobody did yet. */
  readonly #leader: SetPod | null;
  readonly #writers: readonly Writer[];
  /** Asks every pod for its role and for a write, all the time. */
  readonly census: Session;
  /** Asks the leader Service for a role, over a new connection each time. */
  readonly roles: Session;
  /** When a leader was lost, on the clock of the machines. */
  readonly #lostMs: number[] = [];
  readonly #objections: string[] = [];
  readonly #figures: Record<string, number | string> = {};

  private constructor(
    { stage, played, fault }: Beginning,
    leader: SetPod | null,
    lookout: Lookout,
  ) {
    this.stage = stage;
    this.#played = played;
    this.fault = fault;
    this.#leader = leader;
    this.lookout = lookout;
    const { workload, leaderHost, hosts } = lookout;
    const isQuiet = played.isQuiet === true;
    const waitMs = played.isPatient === true ? patientTimeoutMs : undefined;
    this.#writers = Array.from({ length: writerCount }, (_, index) => {
      const prefix = `${index}${uniquePrefix()}`;
      const periodMs = isQuiet ? quietPeriodMs : writerPeriodMs;
      return { prefix, session: workload.startWriter(leaderHost, prefix, periodMs, waitMs) };
    });
    this.census = workload.startCensus(hosts, isQuiet ? quietPeriodMs : censusPeriodMs, waitMs);
    this.roles = workload.startRoles(leaderHost, rolesPeriodMs);
  }

  /** Begins to write and to watch. */
  static async begin(beginning: Beginning): Promise<Trial> {
    const { stage, played } = beginning;
    const { set, workload } = stage;
    const hosts = set.hosts(played.mostPods ?? stage.podCount);
    const within = { workload, hosts, leaderHost: set.leaderHost };
    if (stage.install.isHeldBack === true) return new Trial(beginning, null, within);
    const leader = await stage.whole();
    const lookout = played.needsTestbed === true ? await stage.lookout(leader) : within;
    const trial = new Trial(beginning, leader, lookout);
    await trial.written('before anything happens');
    await sleep(Math.random() * phaseMs);
    return trial;
  }

  get set(): RedisSet {
    return this.stage.set;
  }

  get workload(): Workload {
    return this.stage.workload;
  }

  /** Who led at the beginning. */
  get leader(): SetPod {
    if (this.#leader === null) throw new Error('nobody led at the beginning');
    return this.#leader;
  }

  /** Whoever led at the beginning did not, and follows. */
  async follower(): Promise<SetPod> {
    const follower = (await this.set.pods()).find(({ uid }) => uid !== this.leader.uid);
    if (follower === undefined) throw new Error('there is no follower');
    return follower;
  }

  /** Says that something does not hold. */
  object(sentence: string): void {
    this.#objections.push(sentence);
  }

  /** Objects unless it is true. */
  demand(isTrue: boolean, sentence: string): void {
    if (!isTrue) this.object(sentence);
  }

  /** Keeps a figure. Nothing is judged by it. */
  measure(what: string, value: number | string): void {
    this.#figures[what] = typeof value === 'number' ? Math.round(value * 10) / 10 : value;
  }

  /** A leader was lost now: what was acknowledged just before may be lost with it. */
  leaderLost(atMs: number): void {
    this.#lostMs.push(atMs);
  }

  /** Gets ready to strike a pod. */
  aim(strike: Strike, pod: SetPod): Promise<Blow> {
    return strike({ set: this.set, workload: this.lookout.workload }, pod);
  }

  /** Strikes a pod, the leader's by default. Resolves with the instant. */
  async strike(strike: Strike, pod: SetPod = this.leader): Promise<number> {
    const blow = await this.aim(strike, pod);
    const atMs = await blow();
    if (pod.uid === this.leader.uid) this.leaderLost(atMs);
    return atMs;
  }

  /** Waits until every writer has written something that it sent after `sinceMs`. */
  async written(what: string, sinceMs = wallClockMs()): Promise<void> {
    for (const { session } of this.#writers) {
      await session.until(
        () => session.of('acknowledged').findLast((one) => one.sentMs > sinceMs),
        {
          ...{ what: `writing ${what}`, timeoutMs: patienceMs },
        },
      );
    }
  }

  /**
   * Waits until a pod other than `pod` takes writes, be it one of its name that has come back as a replica
   * before anybody could take over. Resolves with what was seen.
   */
  succeeded(pod: SetPod, sinceMs: number): Promise<RecordOf<'seen'>> {
    const look = (): RecordOf<'seen'> | undefined => {
      const seen = this.seen(sinceMs);
      const backAtMs = seen.find((one) => one.pod === pod.name && one.role === 'slave')?.atMs;
      const isBack = ({ atMs }: RecordOf<'seen'>): boolean => atMs > (backAtMs ?? Infinity);
      return seen.find((one) => one.accepts && (one.pod !== pod.name || isBack(one)));
    };
    return this.census.until(look, {
      ...{ what: `a pod other than ${pod.name} takes writes`, timeoutMs: patienceMs },
    });
  }

  /** What pods answered directly since then, each change of it. */
  seen(sinceMs: number): RecordOf<'seen'>[] {
    return this.census.of('seen').filter(({ atMs }) => atMs >= sinceMs);
  }

  /** Writes that failed since then, each another way than the one before. */
  failures(sinceMs: number): RecordOf<'failed'>[] {
    return this.#writers.flatMap(({ session }) =>
      session.of('failed').filter(({ atMs }) => atMs >= sinceMs),
    );
  }

  /** Connections that each writer has used since then. */
  connections(sinceMs: number): number[] {
    return this.#writers.map(({ session }) => {
      const used = session.of('acknowledged').filter(({ atMs }) => atMs >= sinceMs);
      return new Set(used.map(({ connection }) => connection)).size;
    });
  }

  /** Waits until all is well, stops writing, and judges what every run has to keep. */
  async end(): Promise<Omit<Outcome, 'scenario' | 'run'>> {
    await this.#attempt(async () => {
      await this.stage.whole();
      await this.written('after all that has happened');
      await sleep(writeAfterMs);
    });
    const sessions = [...this.#writers.map(({ session }) => session), this.census, this.roles];
    await Promise.all(sessions.map((session) => session.stop()));
    this.#judgeWatch();
    const lostCount = await this.#attempt(() => this.#judgeWrites());
    const acknowledged = this.#writers.map(({ session }) => session.of('acknowledged'));
    const gaps = this.census.of('gap');
    const lengthOf = ({ fromMs, atMs }: RecordOf<'gap'>): number => atMs - fromMs;
    const handOverGapsMs = gaps.filter(({ before, after }) => before !== after).map(lengthOf);
    return {
      ...{ case: this.#played.name, handOverGapsMs, lostCount: lostCount ?? 0 },
      strayMs: this.#strayMs(),
      serviceGapMs: maximum(acknowledged.map(longestGapMs)),
      podsGapMs: maximum(gaps.map(lengthOf)),
      acknowledgedCount: acknowledged.flat().length,
      ...{ objections: this.#objections, figures: this.#figures },
    };
  }

  /** Does something that may fail, which is an objection. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.object(messageOf(error));
      return null;
    }
  }

  #judgeWatch(): void {
    const watched = new Set(this.census.of('seen').map(({ pod }) => pod)).size;
    const { size } = this.lookout.hosts;
    this.demand(watched === size, `only ${watched} of ${size} pods were watched`);
    const rivals = this.#played.isWreck === true ? [] : this.census.of('two-writers');
    for (const { first, second } of rivals.slice(0, toldCount)) {
      this.object(`${first} and ${second} took writes at the same time`);
    }
  }

  /** How long the leader Service went on leading to who did not lead any more; `null`: never. */
  #strayMs(): number | null {
    if (this.#played.isWreck === true || this.#played.isUnrouted === true) return null;
    return longestStrayMs(this.roles.of('answered'), this.census.of('gap'));
  }

  /** Reads every acknowledged write back from every pod. Resolves with the number of lost ones. */
  async #judgeWrites(): Promise<number> {
    const { leaderHost } = this.set;
    const places = new Map([[leaderHost, leaderHost], ...this.stage.hosts]);
    const numbersOf = ({ session }: Writer): number[] =>
      session.of('acknowledged').map(({ n }) => n);
    const writes = new Map(this.#writers.map((writer) => [writer.prefix, numbersOf(writer)]));
    const checked = await this.workload.checkEverywhere(places, writes);
    const counts = this.#writers.map(({ prefix, session }) => {
      const found = checked.filter((one) => one.prefix === prefix);
      this.demand(found.length === places.size, 'not all pods were asked for the writes');
      return this.#judgeWriter(session.of('acknowledged'), found);
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #judgeWriter(
    acknowledged: readonly RecordOf<'acknowledged'>[],
    found: readonly Checked[],
  ): number {
    const { leaderHost } = this.set;
    const gone = new Set(found.find(({ place }) => place === leaderHost)?.missing);
    const late = acknowledged.filter(({ n, atMs }) => gone.has(n) && !this.#mayLose(atMs));
    this.demand(late.length === 0, `${late.length} acknowledged writes are lost`);
    for (const { place, missing } of found) {
      const { length } = missing.filter((n) => !gone.has(n));
      this.demand(length === 0, `${place} lacks ${length} writes that the leader has`);
    }
    return gone.size;
  }

  #mayLose(atMs: number): boolean {
    if (this.#played.mayLose === 'nothing') return false;
    return this.#lostMs.some((lostMs) => Math.abs(atMs - lostMs) < replicatedMs);
  }
}
