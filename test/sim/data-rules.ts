import { recordedHead, type LeaseRecord } from '../../agent/core/lease.ts';
import { newerWaitMs } from '../../agent/core/newest.ts';
import type { Agent } from './agent/agent.ts';
import type { Checker } from './checker.ts';
import { countIn, emptyContent, type Content } from './history.ts';
import { Ledger } from './ledger.ts';
import type { Pod } from './pod.ts';
import type { Redis } from './redis.ts';
import { bestWitness, witnessesOf, type Witness } from './witness.ts';
import type { World } from './world.ts';

/** What was done to a pod in this time its peers may not know. */
const recentMs = 3000;

/** Who knew what when a holder took or was given the Lease. */
interface Accession {
  readonly term: number;
  readonly atMs: number;
  readonly witnesses: readonly Witness[];
}

/** The rules about data: I3, I6, I7, I9, I12, and that no planned change loses a write. */
export class DataRules {
  readonly #world: World;
  readonly #checker: Checker;
  readonly ledger = new Ledger();
  readonly #asked = new WeakMap<Agent, readonly Witness[]>();
  /** Whom an agent could choose from when it named a successor. */
  readonly #named = new WeakMap<Agent, readonly Witness[]>();
  #accession: Accession | null = null;
  /** Copies that were thrown away for a primary whose history was not recorded. */
  readonly #sacrificed: { readonly content: Content; readonly replid: string }[] = [];
  /** The term of each recorded history, by replication id. */
  readonly terms = new Map<string, number>();

  constructor(world: World, checker: Checker) {
    this.#world = world;
    this.#checker = checker;
  }

  /** A person has decided about data: what is lost or comes back by that is no fault of an agent. */
  get #isExcused(): boolean {
    return this.#checker.wasTampered || this.#checker.wasOverridden;
  }

  /** An agent has asked its peers: they are the ones it can choose from. */
  asked(agent: Agent): void {
    this.#asked.set(agent, witnessesOf(agent));
  }

  /** An agent is about to write the Lease. */
  writes(agent: Agent, record: LeaseRecord): void {
    if (record.handover === null) return;
    this.#named.set(agent, this.#asked.get(agent) ?? []);
    if (record.handover.cause === 'switchover') this.#assertReadyForHandover(agent, record);
  }

  /** I12: paused and fenced, and the successor has every byte. */
  #assertReadyForHandover(agent: Agent, { holder }: LeaseRecord): void {
    const own = agent.redis.connected;
    if (own?.running !== true || own.frozen) return;
    if (!own.fenced)
      this.#checker.fail('I12', `${agent.self.pod} names ${holder?.pod ?? ''} without a fence`);
    const pod = this.#world.everybody.find(({ uid }) => uid === holder?.uid);
    const missing = pod === undefined ? 0 : this.#missingAt(pod, own);
    if (missing > 0)
      this.#checker.fail('I12', `${holder?.pod ?? ''} is named and lacks ${missing} writes`);
  }

  /** What a successor lacks. One that was restarted since it was asked finds out for itself. */
  #missingAt({ redis, disturbedAtMs }: Pod, own: Redis): number {
    if (redis?.answers !== true || redis.replid !== own.replid) return 0;
    if (this.#world.nowMs - disturbedAtMs < recentMs) return 0;
    this.#world.settle(redis);
    return this.ledger.missing(own.content, redis.content);
  }

  /** A partial resync went on from data that are or are not the source's. */
  resumed(replica: Redis, source: Redis, isEqual: boolean): void {
    if (isEqual) return;
    this.#checker.fail(
      'diverged',
      `${replica.address} goes on from ${source.address} with other data`,
    );
  }

  /** A client was told that a replica has its writes too. */
  confirmed({ content: { history } }: Redis, { history: of, count }: Content): void {
    if (of !== history || count <= history.confirmed) return;
    history.confirmed = count;
    if (this.#keepsConfirmed && history.lostFrom < count) {
      this.#checker.fail('I3', `${count - history.lostFrom} writes are confirmed that are lost`);
    }
  }

  /** What a replica has acknowledged is in every later leader, whatever else fails. */
  get #keepsConfirmed(): boolean {
    const { durability, isOneFault } = this.#world.options;
    const isSafe = durability.strictQuorum || (isOneFault && durability.requiredReplicas > 0);
    return isSafe && !this.#isExcused;
  }

  /**
   * I3 with W >= 1: a write that W replicas had acknowledged, and that some process has had ever
   * since. When all of these have ended it may be on a disk, and it may not.
   */
  #assertConfirmedKept({ content }: Redis): void {
    if (!this.#keepsConfirmed) return;
    const redises = this.#world.pods.flatMap(({ redis }) => (redis === null ? [] : [redis]));
    for (const redis of redises) this.#world.settle(redis);
    for (const history of this.ledger.histories) {
      const count = countIn(content, history);
      const confirmed = Math.min(history.confirmed, history.lostFrom);
      if (count >= confirmed) continue;
      const holder = redises.find((redis) => {
        // An append-only file does not say how far its data go: they count for what was noted.
        const isLoaded = countIn(redis.fromLog, history) >= confirmed;
        return !isLoaded && countIn(redis.content, history) >= confirmed;
      });
      if (holder === undefined) continue;
      const missing = confirmed - count;
      this.#checker.fail('I3', `a leader lacks ${missing} confirmed writes of ${holder.address}`);
    }
  }

  /** I18: a pod that is scaled away is not the last that has what was acknowledged. */
  scaledAway({ address, content }: Redis): void {
    // A fault may take the other copies at the same time.
    if (this.#world.options.faults.length > 0) return;
    // Another that is scaled away may still be about to hand over.
    const lacks = this.#world.everybody.map(({ redis }) =>
      redis === null ? Infinity : this.ledger.missing(content, redis.content),
    );
    const least = Math.min(...lacks);
    // Another that is being made anew at the same time may have it on its disk.
    if (least === 0 || least === Infinity) return;
    this.#checker.fail(
      'I18',
      `${address} was scaled away with ${least} writes that nobody else has`,
    );
  }

  /** A note was written beside an append-only file: what it claims the file must have. */
  noted({ name, persistence, redis, dump }: Pod): void {
    if (persistence !== 'aof' || redis === null || redis.log.state === 'kept') return;
    const missing = this.ledger.missing(redis.content, dump?.content ?? emptyContent());
    if (missing === 0) return;
    this.#checker.fail('note', `${name} notes ${missing} writes that its log does not have yet`);
  }

  /** A full resync begins: what the replica has will be thrown away. */
  resyncs(replica: Redis, source: Redis): void {
    if (this.#isExcused) return;
    const missing = this.ledger.missing(replica.content, source.content);
    if (missing === 0) return;
    if (this.terms.has(source.replid)) {
      const [from, to] = [replica.address, source.address];
      this.#checker.fail('I9', `${from} throws ${missing} writes away that ${to} lacks`);
    }
    // Redis goes to its source by itself: without an agent nobody could withdraw it.
    const agent = this.#world.agentAt(replica.place);
    if (agent === null || agent.stalled || replica.refusesAgent) return;
    // What may never lead is no copy to go on with; only a strict set waits for it.
    const { priority, durability } = agent.self;
    if (priority === 0 && !durability.strictQuorum) return;
    this.#sacrificed.push({ content: replica.content, replid: source.replid });
  }

  /**
   * A replica goes to its source by itself when that has restarted. If the source has been promoted
   * by then, the copy is lost, which is right only when that promotion is the one that is recorded.
   */
  #assertNothingSacrificed(redis: Redis): void {
    for (const { content, replid } of this.#sacrificed.splice(0)) {
      const missing = replid === redis.replid ? 0 : this.ledger.missing(content, redis.content);
      if (missing > 0) this.#checker.fail('I9', `${missing} writes were thrown away for ${replid}`);
    }
  }

  /** The Lease has another holder. */
  accede(before: LeaseRecord | null, { term, handover, holder }: LeaseRecord): void {
    const named = handover === null ? holder : before?.holder;
    const pod = this.#world.everybody.find(({ uid }) => uid === named?.uid);
    const agent = pod?.agent ?? null;
    if (agent === null) return;
    const witnesses = handover === null ? witnessesOf(agent) : (this.#named.get(agent) ?? []);
    this.#accession = { term, atMs: this.#world.nowMs, witnesses };
  }

  /** A term's history is recorded: from now on these are the set's data. */
  succeed(before: LeaseRecord | null, after: LeaseRecord): void {
    const { term, holder } = after;
    const replid = recordedHead(after)!.replid;
    const pod = this.#world.everybody.find(({ uid }) => uid === holder?.uid);
    this.terms.set(replid, term);
    const redis = pod?.redis ?? null;
    if (pod === undefined || redis === null || redis.replid !== replid) return;
    this.#assertNotEmpty(redis);
    this.#assertNothingSacrificed(redis);
    this.#assertBest(pod, redis, before);
    this.#assertNewest(pod, before, after);
    this.#assertConfirmedKept(redis);
    const lost = this.ledger.begin(redis.content, this.#isExcused);
    if (lost > 0 && before?.handover?.cause === 'switchover') {
      this.#checker.fail('planned', `a hand-over to ${pod.name} lost ${lost} acknowledged writes`);
    }
    const detail = `${term} with ${redis.content.keys} keys, ${lost} lost`;
    this.#world.trace(pod.place, 'TERM BEGINS', detail);
  }

  /** I6: no peer that could be heard, and may lead, has more. */
  #assertBest(pod: Pod, redis: Redis, before: LeaseRecord | null): void {
    const term = this.terms.get(redis.replid);
    if (this.#isExcused || this.#accession?.term !== term) return;
    const witness = bestWitness(pod, this.#accession?.witnesses ?? [], before);
    const missing = witness === null ? 0 : this.ledger.missing(witness.content, redis.content);
    if (missing === 0) return;
    this.#checker.fail(
      'I6',
      `${pod.name} leads without ${missing} writes that ${witness!.pod.name} has`,
    );
  }

  /**
   * I6: who claimed and lacks what the Lease says that somebody has, waits for members that have not
   * come back. The last leader is excused whose offset is only noted: it has more than it knows.
   */
  #assertNewest(pod: Pod, before: LeaseRecord | null, after: LeaseRecord): void {
    const accession = this.#accession;
    if (before === null || before.handover !== null || accession?.term !== after.term) return;
    if (this.#isExcused || this.#world.options.persistence === 'aof') return;
    const lacksBytes = before.lastOffset - recordedHead(after)!.offset;
    const waitedMs = this.#world.nowMs - accession.atMs;
    if (lacksBytes <= 0 || waitedMs > newerWaitMs / 2) return;
    const absent = this.#world.pods.find(
      (one) =>
        (one.agent === null || one.redis === null) &&
        one.disturbedAtMs < accession.atMs &&
        one.ordinal < before.members &&
        !this.#isRepresented(one),
    );
    if (absent === undefined) return;
    this.#checker.fail(
      'I6',
      `${pod.name} leads without ${lacksBytes} bytes that ${absent.name} may have`,
    );
  }

  /** Another pod of the same name lives, and has had the volume: it answers for the one that does not. */
  #isRepresented(pod: Pod): boolean {
    return this.#world.everybody.some(
      (one) => one !== pod && one.ordinal === pod.ordinal && one.redis !== null,
    );
  }

  /**
   * I7: an empty data set of no known history leads only when there are no data anywhere. Of those that
   * somebody has just brought back nobody can know.
   */
  #assertNotEmpty(redis: Redis): void {
    const isKnown = this.ledger.isDescended(redis.content);
    if (redis.content.keys > 0 || isKnown || this.#isExcused) return;
    const { nowMs, pods } = this.#world;
    for (const pod of pods.filter(({ restoredAtMs }) => nowMs - restoredAtMs >= recentMs)) {
      for (const content of [pod.redis?.content, pod.dump?.content]) {
        const count = content === undefined ? 0 : this.ledger.countOf(content);
        if (count > 0)
          this.#checker.fail('I7', `an empty data set leads, and ${pod.name} has ${count} writes`);
      }
    }
  }
}
