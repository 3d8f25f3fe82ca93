import type { Action } from '../../agent/core/decision.ts';
import { isHeldBy, recordedHead, type LeaseRecord } from '../../agent/core/lease.ts';
import type { Observation } from '../../agent/core/observation.ts';
import type { GivenPromise } from '../../agent/core/promise.ts';
import type { Agent } from './agent/agent.ts';
import type { StoredSlice } from './api-server.ts';
import { assertWell } from './calm.ts';
import type { Content } from './history.ts';
import { Ledger } from './ledger.ts';
import type { Pod } from './pod.ts';
import { PromiseBook } from './promise-book.ts';
import type { Redis } from './redis.ts';
import { Violation } from './violation.ts';
import { bestWitness, witnessesOf, type Witness } from './witness.ts';
import type { World } from './world.ts';

/** Slack for the time that a decision and a command on the loopback take. */
const slackMs = 20;
/** What was done to a pod in this time its peers may not know. */
const recentMs = 3000;

/** Who knew what when a holder took or was given the Lease. */
interface Accession {
  readonly term: number;
  readonly witnesses: readonly Witness[];
}

/**
 * Watches a world from outside, with knowledge that no agent has, and ends the run at the first
 * broken invariant of the protocol (names I1 to I18 as there, and W for what it publishes).
 */
export class Checker {
  readonly #world: World;
  readonly ledger = new Ledger();
  readonly promises: PromiseBook;
  readonly #holders = new Map<number, string>();
  readonly #terms = new Map<string, number>();
  readonly #asked = new WeakMap<Agent, readonly Witness[]>();
  /** W by term, as the Lease said last in that term. */
  readonly #published = new Map<number, number>();
  #accession: Accession | null = null;
  #admittedTerm = 0;
  #routedTerm = 0;
  /** A person has deleted or changed what no agent can restore. */
  wasTampered = false;
  /** Copies that were thrown away for a primary whose history was not recorded. */
  readonly #sacrificed: { readonly content: Content; readonly replid: string }[] = [];
  /** The run ended without a leader, and no agent may choose one. */
  needsOperator = false;
  /** Terms that were begun. */
  successions = 0;

  constructor(world: World) {
    this.#world = world;
    this.promises = new PromiseBook(world);
  }

  fail(rule: string, message: string): never {
    throw new Violation(rule, `at ${this.#world.nowMs.toFixed(1)} ms ${message}`);
  }

  /** A person has broken what no agent can prevent: rules about data no longer hold. */
  tampered(): void {
    this.wasTampered = true;
  }

  /** A Redis has acknowledged a write. */
  accepted(redis: Redis): void {
    this.ledger.note(redis.content.history);
    const term = this.#terms.get(redis.replid) ?? 0;
    this.#assertGuarded(redis, term);
    const agent = this.#world.agentAt(redis.place);
    if (agent === null || this.#isImpaired(agent, redis)) return;
    if (term < this.#admittedTerm && !this.wasTampered) {
      this.fail(
        'I2',
        `${agent.self.pod} took a write in term ${term}, after term ${this.#admittedTerm} was open`,
      );
    }
    this.#assertTenure(agent);
  }

  /** A write needs what the Lease says of its term, whoever is frozen, dead or cut off. */
  #assertGuarded(redis: Redis, term: number): void {
    const published = this.#published.get(term) ?? 0;
    if (redis.minReplicas >= published || this.wasTampered) return;
    this.fail(
      'W',
      `${redis.address} takes a write with ${redis.minReplicas} copies, not ${published}`,
    );
  }

  /** An agent has given a promise. */
  promised(agent: Agent, given: GivenPromise): void {
    this.promises.note(agent, given);
  }

  /** I4: the right to lead is counted from the send, whatever the agent itself counted from. */
  #assertTenure(agent: Agent): void {
    const { fenceDeadlineMs, fenceTimeoutMs } = this.#world.options.timing;
    const sentAtMs = agent.lease.sentAtMs;
    const limitMs = fenceDeadlineMs + fenceTimeoutMs + slackMs;
    if (sentAtMs === null || agent.clock() - sentAtMs > limitMs) {
      if (this.promises.areKept(agent, slackMs)) return;
      this.fail('I4', `${agent.self.pod} takes writes after its right to has ended`);
    }
  }

  /** An agent that could not act in time, and what it has to make good for when it can again. */
  #isImpaired(agent: Agent, redis: Redis): boolean {
    const { nowMs } = this.#world;
    const { fenceTimeoutMs, requestTimeoutMs } = this.#world.options.timing;
    const graceMs = fenceTimeoutMs + slackMs;
    return (
      !agent.alive ||
      agent.stalled ||
      nowMs - agent.resumedAtMs < graceMs ||
      nowMs - agent.startedAtMs < graceMs + 2.1 * requestTimeoutMs ||
      redis.frozen ||
      nowMs - redis.thawedAtMs < graceMs
    );
  }

  /** A Redis has been told to accept writes. */
  admitted(agent: Agent, redis: Redis): void {
    if (redis.role !== 'primary' || this.wasTampered) return;
    const term = this.#terms.get(redis.replid);
    if (term === undefined)
      this.fail('I5', `${agent.self.pod} opens a history that is not recorded`);
    if (!this.#isImpaired(agent, redis)) {
      this.#assertTenure(agent);
      if (term < this.#admittedTerm) this.fail('I1', `${agent.self.pod} opens term ${term} again`);
    }
    if (term <= this.#admittedTerm) return;
    this.#admittedTerm = term;
    this.#assertAlone(redis, `${agent.self.pod} opens term ${term}`);
  }

  /** I2: nobody else takes writes, but whose agent could not act in time. */
  #assertAlone(leading: Redis, deed: string): void {
    for (const { redis, agent } of this.#world.pods) {
      if (redis === null || redis === leading || agent === null) continue;
      const takesWrites = redis.role === 'primary' && !redis.fenced && !redis.loading;
      if (takesWrites && !this.#isImpaired(agent, redis)) {
        this.fail('I2', `${deed} while ${agent.self.pod} takes writes`);
      }
    }
  }

  /** An agent has asked its peers: they are the ones it can choose from. */
  asked(agent: Agent): void {
    this.#asked.set(agent, witnessesOf(agent));
  }

  /** A decision is about to be carried out. */
  decided(agent: Agent, action: Action, { redis, lease }: Observation): void {
    if (lease.kind !== 'read') return;
    const { record } = lease;
    if (action.kind === 'follow') {
      const isProper = isHeldBy(record, action.leader) && recordedHead(record) !== null;
      if (!isProper)
        this.fail('I8', `${agent.self.pod} follows ${action.leader.pod}, who does not lead`);
    }
    if (action.kind === 'promote' && redis.kind === 'up' && !isHeldBy(record, agent.self)) {
      this.fail('I5', `${agent.self.pod} promotes without the lease`);
    }
    if (action.kind === 'write-lease' && action.record.handover?.cause === 'switchover') {
      this.#assertReadyForHandover(agent, action.record);
    }
  }

  /** I12: paused and fenced, and the successor has every byte. */
  #assertReadyForHandover(agent: Agent, { holder }: LeaseRecord): void {
    const own = agent.redis.connected;
    if (own?.running !== true || own.frozen) return;
    if (!own.fenced)
      this.fail('I12', `${agent.self.pod} names ${holder?.pod ?? ''} without a fence`);
    const pod = this.#world.pods.find(({ uid }) => uid === holder?.uid);
    const missing = pod === undefined ? 0 : this.#missingAt(pod, own);
    if (missing > 0) this.fail('I12', `${holder?.pod ?? ''} is named and lacks ${missing} writes`);
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
    this.fail('diverged', `${replica.address} goes on from ${source.address} with other data`);
  }

  /** A full resync begins: what the replica has will be thrown away. */
  resyncs(replica: Redis, source: Redis): void {
    if (this.wasTampered) return;
    const missing = this.ledger.missing(replica.content, source.content);
    if (missing === 0) return;
    if (this.#terms.has(source.replid)) {
      const [from, to] = [replica.address, source.address];
      this.fail('I9', `${from} throws ${missing} writes away that ${to} lacks`);
    }
    this.#sacrificed.push({ content: replica.content, replid: source.replid });
  }

  /**
   * A replica goes to its source by itself when that has restarted. If the source has been promoted
   * by then, the copy is lost, which is right only when that promotion is the one that is recorded.
   */
  #assertNothingSacrificed(redis: Redis): void {
    for (const { content, replid } of this.#sacrificed.splice(0)) {
      const missing = replid === redis.replid ? 0 : this.ledger.missing(content, redis.content);
      if (missing > 0) this.fail('I9', `${missing} writes were thrown away for ${replid}`);
    }
  }

  /** The Lease was written. */
  leaseWritten(before: LeaseRecord | null, after: LeaseRecord): void {
    if (before !== null && after.term < before.term) this.fail('I1', 'the term fell');
    if (after.holder !== null) {
      const { uid } = after.holder;
      const former = this.#holders.get(after.term);
      if (former !== undefined && former !== uid && !this.wasTampered) {
        this.fail('I1', `term ${after.term} has two holders`);
      }
      this.#holders.set(after.term, uid);
      if (former === undefined) this.#accede(before, after);
    }
    const head = recordedHead(after);
    if (head !== null) this.#published.set(after.term, after.requiredReplicas);
    if (head !== null && !this.#terms.has(head.replid)) this.#succeed(before, after);
  }

  #accede(before: LeaseRecord | null, { term, handover, holder }: LeaseRecord): void {
    const named = handover === null ? holder : before?.holder;
    const pod = this.#world.pods.find(({ uid }) => uid === named?.uid);
    const agent = pod?.agent ?? null;
    if (agent === null) return;
    const witnesses = handover === null ? witnessesOf(agent) : (this.#asked.get(agent) ?? []);
    this.#accession = { term, witnesses };
  }

  /** A term's history is recorded: from now on these are the set's data. */
  #succeed(before: LeaseRecord | null, after: LeaseRecord): void {
    const { term, holder } = after;
    const replid = recordedHead(after)!.replid;
    const pod = this.#world.pods.find(({ uid }) => uid === holder?.uid);
    this.#terms.set(replid, term);
    this.successions += 1;
    const redis = pod?.redis ?? null;
    if (pod === undefined || redis === null || redis.replid !== replid) return;
    this.#assertNotEmpty(redis);
    this.#assertNothingSacrificed(redis);
    this.#assertBest(pod, redis, before);
    const lost = this.ledger.begin(redis.content, this.wasTampered);
    if (lost > 0 && before?.handover?.cause === 'switchover') {
      this.fail('planned', `a hand-over to ${pod.name} lost ${lost} acknowledged writes`);
    }
    const detail = `${term} with ${redis.content.keys} keys, ${lost} lost`;
    this.#world.trace(pod.place, 'TERM BEGINS', detail);
  }

  /** I6: no peer that could be heard, and may lead, has more. */
  #assertBest(pod: Pod, redis: Redis, before: LeaseRecord | null): void {
    const term = this.#terms.get(redis.replid);
    if (this.wasTampered || this.#accession?.term !== term) return;
    const witness = bestWitness(pod, this.#accession?.witnesses ?? [], before);
    const missing = witness === null ? 0 : this.ledger.missing(witness.content, redis.content);
    if (missing === 0) return;
    this.fail('I6', `${pod.name} leads without ${missing} writes that ${witness!.pod.name} has`);
  }

  /** I7: an empty data set of no known history leads only when there are no data anywhere. */
  #assertNotEmpty(redis: Redis): void {
    const isKnown = this.ledger.isDescended(redis.content);
    if (redis.content.keys > 0 || isKnown || this.wasTampered) return;
    for (const pod of this.#world.pods) {
      for (const content of [pod.redis?.content, pod.dump?.content]) {
        const count = content === undefined ? 0 : this.ledger.countOf(content);
        if (count > 0)
          this.fail('I7', `an empty data set leads, and ${pod.name} has ${count} writes`);
      }
    }
  }

  /** I10: the Service was pointed somewhere. */
  routed({ term, address }: StoredSlice): void {
    if (term < this.#routedTerm) this.fail('I10', `the route's term fell to ${term}`);
    this.#routedTerm = term;
    this.#world.clients.learn(address);
  }

  /** The end of the run: everything has been well for long enough to be well again. */
  ended(): void {
    assertWell(this.#world, this);
  }
}
