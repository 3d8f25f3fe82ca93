import type { Action } from '../../agent/core/decision.ts';
import { isHeldBy, recordedHead, type LeaseRecord } from '../../agent/core/lease.ts';
import type { Observation, RouteSight } from '../../agent/core/observation.ts';
import type { GivenPromise } from '../../agent/core/promise.ts';
import type { Agent } from './agent/agent.ts';
import type { StoredSlice } from './api-server.ts';
import { assertWell } from './calm.ts';
import { DataRules } from './data-rules.ts';
import { OutageRules } from './outage-rules.ts';
import { PromiseBook } from './promise-book.ts';
import type { Redis } from './redis.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** How long an agent may need to notice what a person has set at its Redis. */
const noticeMs = 1000;

/** Slack for the time that a decision and a command on the loopback take. */
const slackMs = 20;
/**
 * Watches a world from outside, with knowledge that no agent has, and ends the run at the first
 * broken invariant of the protocol (names I1 to I18 as there, I19 for the size of the set, I20 for reads,
 * W for what it publishes, note for what stands beside the data).
 */
export class Checker {
  readonly #world: World;
  readonly data: DataRules;
  readonly outages: OutageRules;
  readonly promises: PromiseBook;
  readonly #holders = new Map<number, string>();
  /** W by term, as the Lease said last in that term. */
  readonly #published = new Map<number, number>();
  #admittedTerm = 0;
  #routedTerm = 0;
  /** A person has deleted or changed what no agent can restore. */
  wasTampered = false;
  /** A person has named a leader, whatever its data. */
  wasOverridden = false;
  /** The run ended without a leader, and no agent may choose one. */
  needsOperator = false;
  /** Terms that were begun. */
  successions = 0;

  constructor(world: World) {
    this.#world = world;
    this.data = new DataRules(world, this);
    this.promises = new PromiseBook(world);
    this.outages = new OutageRules(world, this);
  }

  fail(rule: string, message: string): never {
    throw new Violation(rule, `at ${this.#world.nowMs.toFixed(1)} ms ${message}`);
  }

  /** A person has broken what no agent can prevent: rules about data no longer hold. */
  tampered(): void {
    this.wasTampered = true;
  }

  /** A person has named a leader: what is lost by that, or comes back, is that person's choice. */
  overridden(): void {
    this.wasOverridden = true;
  }

  /** A person has deleted or changed the route. */
  routeTampered({ address }: Pick<RouteSight, 'address'>): void {
    this.#routedTerm = 0;
    if (address !== null) this.#world.clients.learn(address);
  }

  /** A Redis has acknowledged a write. */
  accepted(redis: Redis): void {
    this.data.ledger.note(redis.content.history);
    this.outages.accepted(redis);
    const term = this.data.terms.get(redis.replid) ?? 0;
    this.#assertGuarded(redis, term);
    const agent = this.#world.agentAt(redis.place);
    if (agent === null || this.isImpaired(agent, redis)) return;
    this.outages.acceptedByRight(agent, redis);
    if (term < this.#admittedTerm && !this.wasTampered && !this.#isUpheld(agent, term)) {
      this.fail(
        'I2',
        `${agent.self.pod} took a write in term ${term}, after term ${this.#admittedTerm} was open`,
      );
    }
    this.#assertTenure(agent, term);
  }

  /** A write needs what the Lease says of its term, whoever is frozen, dead or cut off. */
  #assertGuarded(redis: Redis, term: number): void {
    const published = this.#published.get(term) ?? 0;
    const agent = this.#world.agentAt(redis.place);
    const isTouched = redis.touchedAtMs > redis.ruledAtMs;
    // What a person has set stays until an agent can see it.
    const isByHand = isTouched && (agent === null || this.isImpaired(agent, redis));
    if (redis.minReplicas >= published || isByHand || this.wasTampered) return;
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
  #assertTenure(agent: Agent, term: number): void {
    const { fenceDeadlineMs, fenceTimeoutMs } = this.#world.options.timing;
    const sentAtMs = agent.lease.sentAtMs;
    const limitMs = fenceDeadlineMs + fenceTimeoutMs + slackMs;
    if (sentAtMs === null || agent.clock() - sentAtMs > limitMs) {
      if (this.promises.areKept(agent.self, term, slackMs)) return;
      this.fail('I4', `${agent.self.pod} takes writes after its right to has ended`);
    }
  }

  /** An agent that could not act in time, and what it has to make good for when it can again. */
  isImpaired(agent: Agent, redis: Redis): boolean {
    const { nowMs } = this.#world;
    const { fenceTimeoutMs, requestTimeoutMs } = this.#world.options.timing;
    const graceMs = fenceTimeoutMs + slackMs;
    return (
      !agent.alive ||
      agent.stalled ||
      nowMs - agent.resumedAtMs < graceMs ||
      nowMs - agent.startedAtMs < graceMs + 2.1 * requestTimeoutMs ||
      redis.frozen ||
      redis.refusesAgent ||
      nowMs - redis.touchedAtMs < noticeMs + graceMs ||
      nowMs - redis.thawedAtMs < graceMs
    );
  }

  /** A Redis has been told to accept writes. */
  admitted(agent: Agent, redis: Redis): void {
    if (redis.role !== 'primary' || this.wasTampered) return;
    const term = this.data.terms.get(redis.replid);
    if (term === undefined)
      this.fail('I5', `${agent.self.pod} opens a history that is not recorded`);
    if (!this.isImpaired(agent, redis)) {
      this.#assertTenure(agent, term);
      if (term < this.#admittedTerm) this.fail('I1', `${agent.self.pod} opens term ${term} again`);
    }
    if (term <= this.#admittedTerm) return;
    this.#admittedTerm = term;
    this.#assertAlone(redis, `${agent.self.pod} opens term ${term}`);
  }

  /**
   * Who names a leader by hand does not wait for those who have promised to another: by such a promise the
   * former leader goes on, until one of the two hears of the new term. Only in a strict set they may be
   * others than who is named, or when that one has the name of the leader, which was deleted by force
   * and runs on. So a leader does by the promise of a pod that was deleted so, until that promise ends.
   */
  #isUpheld(agent: Agent, term: number): boolean {
    const { self, peers } = agent;
    const { strictQuorum } = this.#world.options.durability;
    const knowsBetter = peers.sights.some(
      (one) => one.term > term && agent.clock() - one.heardAtMs > noticeMs,
    );
    if (knowsBetter) return false;
    const isNamed = this.wasOverridden && (strictQuorum || this.promises.isLeftBehind(self));
    return isNamed
      ? this.promises.areKept(self, term, slackMs)
      : this.promises.dependOnLeftBehind(self, term, slackMs);
  }

  /** I2: nobody else takes writes, but whose agent could not act in time. */
  #assertAlone(leading: Redis, deed: string): void {
    for (const { redis, agent } of this.#world.everybody) {
      if (redis === null || redis === leading || agent === null) continue;
      const takesWrites = redis.role === 'primary' && !redis.fenced && !redis.loading;
      const term = this.data.terms.get(redis.replid) ?? 0;
      const isExcused = this.isImpaired(agent, redis) || this.#isUpheld(agent, term);
      if (takesWrites && !isExcused) {
        this.fail('I2', `${deed} while ${agent.self.pod} takes writes`);
      }
    }
  }

  /** A decision is about to be carried out. */
  decided(agent: Agent, action: Action, { redis, lease }: Observation): void {
    this.outages.sees(agent);
    if (lease.kind !== 'read') return;
    const { record } = lease;
    if (action.kind === 'follow') {
      const isProper = isHeldBy(record, action.leader) && recordedHead(record) !== null;
      if (!isProper)
        this.fail('I8', `${agent.self.pod} follows ${action.leader.pod}, who does not lead`);
    }
    if (action.kind === 'follow') this.#assertCounted(agent, record);
    if (action.kind === 'promote' && redis.kind === 'up' && !isHeldBy(record, agent.self)) {
      this.fail('I5', `${agent.self.pod} promotes without the lease`);
    }
    if (action.kind === 'write-lease') this.data.writes(agent, action.record);
    if (!this.wasTampered) this.promises.assertKept(agent, action, redis);
  }

  /** I19: who is not counted takes part in no write, or nobody would ask it for what it has. */
  #assertCounted({ self }: Agent, seen: LeaseRecord): void {
    const present = this.#world.api.lease?.record ?? seen;
    const isCounted = [seen, present].some(
      ({ members }) => members === 0 || self.ordinal < members,
    );
    if (!isCounted) this.fail('I19', `${self.pod} follows, and the Lease does not count it`);
  }

  /** The Lease was written. */
  leaseWritten(before: LeaseRecord | null, after: LeaseRecord, author: string | null): void {
    if (before !== null) this.#changed(before, after, author);
    if (after.holder !== null) {
      const { uid } = after.holder;
      const former = this.#holders.get(after.term);
      if (former !== undefined && former !== uid && !this.wasTampered) {
        this.fail('I1', `term ${after.term} has two holders`);
      }
      this.#holders.set(after.term, uid);
      if (former === undefined) this.data.accede(before, after);
    }
    const head = recordedHead(after);
    if (head !== null) this.#published.set(after.term, after.requiredReplicas);
    if (head !== null && !this.data.terms.has(head.replid)) {
      this.successions += 1;
      this.data.succeed(before, after);
    }
  }

  #changed(before: LeaseRecord, after: LeaseRecord, author: string | null): void {
    if (after.term < before.term) this.fail('I1', 'the term fell');
    const { holder } = before;
    const isOwn = holder !== null && holder.uid === author;
    if (isOwn && (after.term > before.term || after.holder === null)) {
      this.promises.giveUp(holder, before.term);
    }
    if (before.paused && after.paused && !this.wasTampered) this.#assertPaused(before, after);
  }

  /** I15: what a person has stopped only a person starts, by an override. */
  #assertPaused(before: LeaseRecord, after: LeaseRecord): void {
    const { holder } = after;
    if (holder === null || holder.uid === before.holder?.uid || this.wasOverridden) return;
    this.fail('I15', `${holder.pod} takes over while failovers are stopped`);
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
