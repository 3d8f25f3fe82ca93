import { decide } from '../core/decide.ts';
import {
  freshMemory,
  type Action,
  type Decision,
  type Memory,
  type Reason,
} from '../core/decision.ts';
import type { LeaseRecord } from '../core/lease.ts';
import {
  noRequests,
  type Observation,
  type RedisSight,
  type Requests,
  type Self,
} from '../core/observation.ts';
import { mayBeBound } from '../core/promise.ts';
import { needsScale, sized } from '../core/size.ts';
import { leadsUntil, mayLead, tenantOf, type Tenant } from '../core/tenure.ts';
import type { Timing } from '../core/timing.ts';
import type { MonotonicMs } from '../core/units.ts';
import type { MetricsReading } from '../http/metrics.ts';
import type { ApiContact } from './api-contact.ts';
import type { Clock } from './clock.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LocalRedis } from './local-redis.ts';
import type { Peers } from './peers.ts';
import type { PromiseKeeper } from './promise-keeper.ts';
import type { Routing } from './routing.ts';
import type { Scale } from './scale.ts';

/** Carries out one action. Resolves when the next observation may be made. */
export type Act = (action: Action, decision: Decision) => Promise<void>;

/** Told of each decision, before it is carried out. */
export type OnTurn = (decision: Decision, observation: Observation) => void;

/** What the loop turns on. */
export interface AgentParts {
  readonly self: Self;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly lease: LeaseKeeper;
  readonly redis: LocalRedis;
  readonly peers: Peers;
  readonly promises: PromiseKeeper;
  readonly routing: Routing;
  readonly scale: Scale;
  readonly contact: ApiContact;
  readonly act: Act;
  readonly onTurn: OnTurn;
}

/**
 * Redis is looked at this often even when nothing happens: a finished resync or a change made by
 * hand is no event.
 */
const lookPeriodMs = 1000;

/** The loop: observe, decide, act. It decides nothing itself. */
export class Agent {
  readonly #parts: AgentParts;
  #memory: Memory;
  #requests: Requests = noRequests;
  #wake: () => void = () => undefined;
  #isDirty = false;
  #hasEnded = false;
  /** The last decision, for the state that peers and people ask for. */
  reason: Reason = 'lease-unread';
  redisSight: RedisSight;
  lastTickMs: MonotonicMs;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.lastTickMs = parts.clock();
    this.#memory = freshMemory(this.lastTickMs);
    this.redisSight = { kind: 'down', sinceMs: this.lastTickMs };
  }

  /** Something was seen: look again now. */
  readonly look = (): void => {
    this.#isDirty = true;
    this.#wake();
  };

  /** Asks for something, in place of the requests of the same kind before. */
  request(requests: Partial<Requests>): void {
    this.#requests = { ...this.#requests, ...requests };
    this.look();
  }

  /** What is asked for at present. */
  get requests(): Requests {
    return this.#requests;
  }

  /** A leader may count on this agent to keep still. */
  get isBound(): boolean {
    const { timing, clock, peers, promises } = this.#parts;
    const seen = { promised: promises.given, nowMs: clock(), peers: peers.sights };
    return mayBeBound({ timing, seen, startedAtMs: this.#memory.startedAtMs }, this.record);
  }

  /** The pod or this process is going away. */
  get isStopping(): boolean {
    return this.#requests.stop !== null;
  }

  /** The record as this agent knows it, also while the Lease is gone. */
  get record(): LeaseRecord | null {
    const { sight } = this.#parts.lease;
    return sight.kind === 'read' ? sight.record : this.#memory.lastRecord;
  }

  /** Pods of the set, as far as this agent knows. */
  get members(): number {
    return sized(this.#parts.self, this.#memory, this.record).members;
  }

  /** Looks at Redis outside the loop, for who asks in between. */
  async lookAtRedis(): Promise<RedisSight> {
    const { redis, clock } = this.#parts;
    this.redisSight = await redis.look(clock);
    return this.redisSight;
  }

  /** Whether writes are accepted here, by right. */
  get isLeading(): boolean {
    const { record, redisSight: redis } = this;
    if (record === null || redis.kind !== 'up' || redis.fenced) return false;
    return mayLead(this.#tenant, record, redis.position);
  }

  /** What the metrics show of this moment. */
  get reading(): MetricsReading {
    const { redis, clock, timing, promises, contact } = this.#parts;
    const { record, redisSight, isLeading } = this;
    const untilMs = record === null ? null : leadsUntil(this.#tenant, record);
    return {
      isLeading,
      term: record?.term ?? 0,
      leaseRemainingMs: untilMs === null ? null : untilMs - clock(),
      offset: redisSight.kind === 'up' ? redisSight.position.offset : null,
      replicas: redisSight.kind === 'up' ? redis.streamingReplicas : null,
      isRedisUp: redisSight.kind === 'up',
      requiredReplicas: record?.requiredReplicas ?? null,
      promises: promises.heldCount(timing.promiseMs),
      apiSilenceMs: contact.silenceMs,
    };
  }

  get #tenant(): Tenant {
    const { self, timing, clock, lease, peers, promises } = this.#parts;
    const seen = {
      nowMs: clock(),
      confirmed: lease.confirmed,
      promises: promises.promises,
      peers: peers.sights,
    };
    const memory = this.#memory;
    return tenantOf({ self: sized(self, memory, this.record), timing, memory, seen });
  }

  /** Turns until the core says that nothing depends on this process any more. */
  async run(): Promise<void> {
    while (!this.#hasEnded) {
      this.#isDirty = false;
      const decision = await this.#turn();
      await this.#sleepUntil(decision.wakeAtMs);
    }
  }

  async #turn(): Promise<Decision> {
    const { self, timing, clock, redis, routing, scale, act, onTurn } = this.#parts;
    this.redisSight = await redis.look(clock);
    if (this.isLeading) void routing.review(clock());
    if (needsScale(self, this.record, this.redisSight)) void scale.review(clock());
    const observation = this.#observe();
    this.lastTickMs = observation.nowMs;
    const decision = decide(self, timing, this.#memory, observation);
    this.#memory = decision.memory;
    this.reason = decision.reason;
    if (decision.reason === 'following') routing.prepareFor(this.record?.term ?? 0, clock());
    onTurn(decision, observation);
    this.#hasEnded = decision.action.kind === 'exit';
    await act(decision.action, decision);
    return decision;
  }

  #observe(): Observation {
    const { clock, lease, peers, promises, routing, scale } = this.#parts;
    return {
      nowMs: clock(),
      lease: lease.sight,
      confirmed: lease.confirmed,
      leaseFailedAtMs: lease.failedAtMs,
      redis: this.redisSight,
      peers: peers.sights,
      inquiry: peers.inquiry,
      promises: promises.promises,
      promised: promises.given,
      route: routing.sight,
      scale: scale.sight,
      requests: this.#requests,
      busy: { lease: lease.busy, route: routing.busy },
    };
  }

  /** Sleeps until an event, the given instant, or the next look at Redis. */
  async #sleepUntil(wakeAtMs: MonotonicMs): Promise<void> {
    const leftMs = Math.min(wakeAtMs - this.#parts.clock(), lookPeriodMs);
    if (this.#isDirty || this.#hasEnded || leftMs <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(leftMs));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
