import { freshMemory, type Decision, type Memory } from '../../../agent/core/decision.ts';
import { isHeldBy, type LeaseRecord } from '../../../agent/core/lease.ts';
import {
  noRequests,
  type Observation,
  type RedisSight,
  type Requests,
  type RouteSight,
  type Self,
} from '../../../agent/core/observation.ts';
import { mayBeBound } from '../../../agent/core/promise.ts';
import { sized } from '../../../agent/core/size.ts';
import type { Timing } from '../../../agent/core/timing.ts';
import { monotonic, type Contender, type MonotonicMs } from '../../../agent/core/units.ts';
import type { StoredLease } from '../api-server.ts';
import type { Pod } from '../pod.ts';
import type { Variant } from '../variant.ts';
import type { World } from '../world.ts';
import { carryOut, reviewRoute } from './act.ts';
import { decided } from './detail.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { LocalRedis } from './local-redis.ts';
import { Peers } from './peers.ts';
import { AgentPromises } from './promises.ts';
import { said, type Said } from './said.ts';
import { Scale } from './scale.ts';

/** Redis is looked at this often even when nothing happens. */
const lookPeriodMs = 1000;
/** More turns than this in a second of virtual time is a loop that spins. */
const turnsPerSecondMax = 2500;

/** Which of an agent's own circumstances it cannot know. */
export interface AgentOptions {
  readonly self: Self;
  readonly timing: Timing;
  readonly variant: Variant;
  /** How fast its clock runs, and where it began: clocks of two machines share nothing. */
  readonly clockRate: number;
  readonly clockBeginMs: number;
}

/** One process of the agent: agent/run's loop around the real `decide`, in virtual time. */
export class Agent {
  readonly world: World;
  /** The pod that it runs in; another object once that is left behind. */
  pod: Pod;
  readonly place: number;
  readonly self: Self;
  readonly timing: Timing;
  readonly variant: Variant;
  readonly lease: LeaseKeeper;
  readonly peers: Peers;
  readonly promises: AgentPromises;
  readonly redis: LocalRedis;
  readonly scale: Scale;
  readonly startedAtMs: number;
  readonly #options: AgentOptions;
  #memory: Memory;
  #requests: Requests = noRequests;
  #isDirty = false;
  #isTurning = false;
  #wakeToken = 0;
  #deferred: (() => void)[] = [];
  #turns = 0;
  #turnsFromMs = 0;
  #endWatch: () => void = () => undefined;
  alive = true;
  /** The process does not run: what arrives waits. */
  stalled = false;
  /** When it last went on after a stall. */
  resumedAtMs = -Infinity;
  route: RouteSight | null = null;
  routeReviewedAtMs = -Infinity;
  routeBusy = false;
  /** Ends after so many more steps that do something; infinite for one that lives. */
  stepsLeft = Infinity;
  reason: Decision['reason'] = 'lease-unread';
  /** At its last turn it held writes back for a successor. */
  isHandingOver = false;
  /** At its last look it found its Redis up, and the data whole. */
  seesWhole = false;

  constructor(world: World, pod: Pod, options: AgentOptions) {
    this.world = world;
    this.pod = pod;
    this.place = pod.place;
    this.#options = options;
    this.self = options.self;
    this.timing = options.timing;
    this.variant = options.variant;
    this.startedAtMs = world.nowMs;
    this.#memory = freshMemory(this.clock());
    this.lease = new LeaseKeeper(this);
    this.peers = new Peers(this);
    this.promises = new AgentPromises(this);
    this.redis = new LocalRedis(this);
    this.scale = new Scale(this);
    this.#endWatch = world.api.watch(this.place, (version) => {
      this.meanwhile(() => {
        this.lease.seeVersion(version);
      });
    });
    this.#readUntilSeen();
    this.look();
  }

  #readUntilSeen(): void {
    if (this.lease.sight.kind !== 'unread') return;
    this.lease.read(() => {
      this.timer(200, () => {
        this.#readUntilSeen();
      });
    });
  }

  /** This process's own clock. */
  readonly clock = (): MonotonicMs =>
    monotonic(this.#options.clockBeginMs + this.world.nowMs * this.#options.clockRate);

  /** An instant of this process's clock in the time of the world. */
  inWorld(atMs: MonotonicMs): number {
    return (atMs - this.#options.clockBeginMs) / this.#options.clockRate;
  }

  get requestTimeoutMs(): number {
    return this.timing.requestTimeoutMs / this.#options.clockRate;
  }

  /** The record as this agent knows it. */
  get record(): LeaseRecord | null {
    return this.lease.sight.kind === 'read' ? this.lease.sight.record : this.#memory.lastRecord;
  }

  /** Pods that the set may have, as far as this agent knows. */
  readonly membersMax = (): number =>
    Math.max(this.self.members, sized(this.self, this.#memory, this.record).members);

  /** Runs something in this process: not after its end, and not while it stands still. */
  meanwhile(run: () => void): void {
    if (!this.alive) return;
    if (this.stalled) this.#deferred.push(run);
    else run();
  }

  /** A timer of this process, by its own clock. */
  timer(forMs: number, run: () => void): void {
    this.world.after(forMs / this.#options.clockRate, () => {
      this.meanwhile(run);
    });
  }

  /** Something was seen: turn now. */
  look(): void {
    this.#isDirty = true;
    if (this.alive && !this.stalled && !this.#isTurning) this.#begin();
  }

  /** Asks for something. */
  request(requests: Partial<Requests>): void {
    this.#requests = { ...this.#requests, ...requests };
    this.look();
  }

  #begin(): void {
    this.#isTurning = true;
    const lookMs = this.redis.isSilent
      ? this.timing.fenceTimeoutMs
      : this.world.prng.between(0.2, 0.6);
    this.timer(lookMs, () => {
      this.#turn();
    });
  }

  #turn(): void {
    this.#isDirty = false;
    const observation = this.#observe(this.redis.look());
    const decision = this.variant.decide(this.self, this.timing, this.#memory, observation);
    this.isHandingOver = (this.#memory.handover ?? decision.memory.handover) !== null;
    this.#memory = decision.memory;
    this.#note(decision, observation);
    if (decision.action.kind === 'exit') {
      this.pod.agentExited();
      return;
    }
    if (decision.action.kind !== 'wait') this.stepsLeft -= 1;
    if (this.record !== null && isHeldBy(this.record, this.self)) reviewRoute(this);
    carryOut(this, decision.action, () => {
      this.#finish(decision);
    });
    // What was sent is on its way.
    if (this.stepsLeft <= 0) this.pod.agentExited();
  }

  #finish(decision: Decision): void {
    this.#isTurning = false;
    const leftMs = Math.min(decision.wakeAtMs - this.clock(), lookPeriodMs);
    if (this.#isDirty || leftMs <= 0) {
      this.look();
      return;
    }
    const token = ++this.#wakeToken;
    this.timer(leftMs, () => {
      if (token === this.#wakeToken) this.look();
    });
  }

  #note(decision: Decision, observation: Observation): void {
    const { world } = this;
    world.reached(decision.reason);
    this.pod.keepNote(this, observation.redis);
    const isNews = decision.reason !== this.reason || decision.action.kind !== 'wait';
    if (isNews && world.isTraced)
      world.trace(this.place, decision.reason, decided(this, decision, observation));
    this.reason = decision.reason;
    const { redis } = observation;
    this.seesWhole = redis.kind === 'up' && redis.position.whole;
    world.checker.decided(this, decision.action, observation);
    this.#turns += 1;
    if (world.nowMs - this.#turnsFromMs < 1000) {
      if (this.#turns > turnsPerSecondMax)
        world.checker.fail('busy', `${this.self.pod} spins: ${decision.reason}`);
    } else {
      this.#turns = 0;
      this.#turnsFromMs = world.nowMs;
    }
  }

  #observe(redis: RedisSight): Observation {
    return {
      nowMs: this.clock(),
      lease: this.lease.sight,
      confirmed: this.lease.confirmed,
      leaseFailedAtMs: this.lease.failedAtMs,
      redis,
      peers: this.peers.sights,
      inquiry: this.peers.inquiry,
      promises: this.promises.asked,
      promised: this.promises.given,
      route: this.route,
      scale: this.scale.look(redis),
      requests: this.#requests,
      busy: { lease: this.lease.busy, route: this.routeBusy },
    };
  }

  /** Answers a peer's question, with a new look at Redis. */
  answer(reply: (said: Said) => void): void {
    this.meanwhile(() => {
      const sight = this.redis.look();
      this.seesWhole = sight.kind === 'up' && sight.position.whole;
      reply(said(this, sight));
    });
  }

  /** A promise binds it. */
  get isBound(): boolean {
    const seen = { promised: this.promises.given, nowMs: this.clock(), peers: this.peers.sights };
    return mayBeBound({ ...this.#memory, timing: this.timing, seen }, this.record);
  }

  /** Its pod goes away, or it was told to stop. */
  get isStopping(): boolean {
    return this.#requests.stop !== null;
  }

  /** Tells a successor what was written. */
  tell({ address }: Contender, lease: StoredLease): void {
    const { world } = this;
    world.after(world.network.delayMs(), () => {
      const pod = world.podAt(address);
      if (pod === null || !world.network.isConnected(this.place, pod.place)) return;
      const { agent } = pod;
      agent?.meanwhile(() => {
        agent.lease.see(lease);
      });
    });
  }

  /** SIGSTOP, a blocked event loop, a throttled CPU. */
  stall(): void {
    this.stalled = true;
  }

  /** What waited is run in the order in which it came. */
  resume(): void {
    if (!this.alive || !this.stalled) return;
    this.stalled = false;
    this.resumedAtMs = this.world.nowMs;
    for (const run of this.#deferred.splice(0)) this.meanwhile(run);
    this.look();
  }

  /** The end of the process; its requests are on their way all the same. */
  end(): void {
    this.alive = false;
    this.#deferred = [];
    this.#endWatch();
  }
}
