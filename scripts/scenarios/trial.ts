import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent/errors.ts';
import { uniquePrefix } from '../experiment/failover.ts';
import type { RedisSet, SetPod } from '../experiment/redis-set.ts';
import type { RecordOf, Session } from '../experiment/session.ts';
import type { Strike } from '../experiment/strike.ts';
import type { Workload } from '../experiment/workload.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import { longestGapMs, maximum, type Outcome } from './outcome.ts';
import type { Case } from './scenario.ts';
import type { Stage } from './stage.ts';

/** Clients that write through the leader Service. */
const writerCount = 2;
/** Between two questions to a pod, and between two new connections through the leader Service. */
const censusPeriodMs = 4;
const rolesPeriodMs = 20;
/** What was acknowledged so long before a leader was lost has reached the replicas. */
const replicatedMs = 1000;
/** Renewals come round in this time: a strike within it finds any phase. */
const phaseMs = 1500;
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

/** One run of a case, and all that watches it. */
export class Trial {
  readonly stage: Stage;
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

  private constructor(stage: Stage, leader: SetPod | null) {
    this.stage = stage;
    this.#leader = leader;
    const { set, workload } = stage;
    this.#writers = Array.from({ length: writerCount }, (_, index) => {
      const prefix = `${index}${uniquePrefix()}`;
      return { prefix, session: workload.startWriter(set.leaderService, prefix) };
    });
    this.census = workload.startCensus(stage.hosts, censusPeriodMs);
    this.roles = workload.startRoles(set.leaderService, rolesPeriodMs);
  }

  /** Begins to write and to watch. */
  static async begin(stage: Stage): Promise<Trial> {
    if (stage.install.isHeldBack === true) return new Trial(stage, null);
    const trial = new Trial(stage, await stage.whole());
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

  /** Strikes a pod, the leader's by default. Resolves with the instant. */
  async strike(strike: Strike, pod: SetPod = this.leader): Promise<number> {
    const blow = await strike(this.stage, pod);
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

  /** Waits until a pod other than `pod` takes writes. Resolves with what was seen. */
  succeeded(pod: SetPod, sinceMs: number): Promise<RecordOf<'seen'>> {
    const look = (): RecordOf<'seen'> | undefined =>
      this.seen(sinceMs).find((one) => one.accepts && one.pod !== pod.name);
    return this.census.until(look, {
      ...{ what: `a pod other than ${pod.name} takes writes`, timeoutMs: patienceMs },
    });
  }

  /** What pods answered directly since then, each change of it. */
  seen(sinceMs: number): RecordOf<'seen'>[] {
    return this.census.of('seen').filter(({ atMs }) => atMs >= sinceMs);
  }

  /** Connections that each writer has used since then. */
  connections(sinceMs: number): number[] {
    return this.#writers.map(({ session }) => {
      const used = session.of('acknowledged').filter(({ atMs }) => atMs >= sinceMs);
      return new Set(used.map(({ connection }) => connection)).size;
    });
  }

  /** Waits until all is well, stops writing, and judges what every run has to keep. */
  async end(played: Case, run: number): Promise<Pick<Outcome, 'run'> & Omit<Outcome, 'scenario'>> {
    await this.#attempt(async () => {
      await this.stage.whole();
      await this.written('after all that has happened');
      await sleep(writeAfterMs);
    });
    const sessions = [...this.#writers.map(({ session }) => session), this.census, this.roles];
    await Promise.all(sessions.map((session) => session.stop()));
    this.#judgeWatch();
    const lostCount = await this.#attempt(() => this.#judgeWrites(played));
    const acknowledged = this.#writers.map(({ session }) => session.of('acknowledged'));
    const podsGapsMs = this.census.of('gap').map(({ fromMs, atMs }) => atMs - fromMs);
    return {
      ...{ case: played.name, run, podsGapsMs, lostCount: lostCount ?? 0 },
      serviceGapMs: maximum(acknowledged.map(longestGapMs)),
      podsGapMs: maximum(podsGapsMs),
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
    const rivals = this.census.of('two-writers');
    for (const { first, second } of rivals.slice(0, toldCount)) {
      this.object(`${first} and ${second} took writes at the same time`);
    }
    const replicas = this.roles.of('answered').filter(({ role }) => role === 'slave');
    if (replicas.length > 0)
      this.measure('times the leader Service led to a replica', replicas.length);
    this.demand(replicas.length === 0, 'a new connection through the leader Service met a replica');
    const watched = new Set(this.census.of('seen').map(({ pod }) => pod)).size;
    this.demand(watched === this.stage.hosts.size, `only ${watched} pods were watched`);
  }

  /** Reads every acknowledged write back from every pod. Resolves with the number of lost ones. */
  async #judgeWrites({ mayLose }: Case): Promise<number> {
    let lostCount = 0;
    for (const { prefix, session } of this.#writers) {
      const acknowledged = session.of('acknowledged');
      const numbers = acknowledged.map(({ n }) => n);
      const { missing } = await this.workload.check(this.set.leaderService, prefix, numbers);
      const gone = new Set(missing);
      lostCount += gone.size;
      const excused = (atMs: number): boolean =>
        mayLose === 'unreplicated' &&
        this.#lostMs.some((lostMs) => atMs > lostMs - replicatedMs && atMs < lostMs + replicatedMs);
      const late = acknowledged.filter(({ n, atMs }) => gone.has(n) && !excused(atMs));
      this.demand(late.length === 0, `${late.length} acknowledged writes are lost`);
      const kept = numbers.filter((n) => !gone.has(n));
      for (const [pod, host] of this.stage.hosts) {
        const checked = await this.workload.check(host, prefix, kept);
        const count = checked.missing.length;
        this.demand(count === 0, `${pod} lacks ${count} writes that the leader has`);
      }
    }
    return lostCount;
  }
}
