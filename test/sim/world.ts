import type { Reason } from '../../agent/core/decision.ts';
import type { Agent } from './agent/agent.ts';
import { ApiServer } from './api-server.ts';
import { letPodsCome } from './arrival.ts';
import { Checker } from './checker.ts';
import { Clients } from './clients.ts';
import type { Dump } from './dump.ts';
import { EventQueue, type Event } from './event-queue.ts';
import { FaultPlan } from './faults.ts';
import { settle, settleAcks } from './link.ts';
import { Network } from './network.ts';
import { Pod } from './pod.ts';
import type { Prng } from './prng.ts';
import { pingBytes, type Redis } from './redis.ts';
import { connect } from './replication.ts';
import { Scaling } from './scaling.ts';
import type { WorldOptions } from './swarm.ts';

/** A line of a run's trace. */
export interface TraceLine {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly detail: string;
}

/** Machines on which a pod can be made anew while the one before lives on. */
const spares = 2;

/** How often a primary pings its replicas. */
const pingPeriodMs = 1000;

/**
 * A set of pods, an API server, a network and clients in virtual time. Nothing in it runs but as an
 * event of one queue, and nothing is random but through one generator: a seed is a run.
 */
export class World {
  readonly prng: Prng;
  readonly options: WorldOptions;
  readonly network: Network;
  readonly api: ApiServer;
  readonly checker: Checker;
  readonly clients: Clients;
  /** All pods that there may be, by ordinal; those of the set are the first. */
  readonly places: readonly Pod[];
  readonly isTraced: boolean;
  readonly lines: TraceLine[] = [];
  readonly reasons = new Set<Reason>();
  readonly #queue = new EventQueue();
  readonly #freed: string[] = [];
  readonly #spares: number[];
  #pods: readonly Pod[];
  #everybody: readonly Pod[] = [];
  #number = 0;
  #events = 0;
  nowMs = 0;
  /** All faults have ended. */
  isCalm = false;

  constructor(options: WorldOptions, prng: Prng, isTraced = false) {
    this.options = options;
    this.prng = prng;
    this.isTraced = isTraced;
    const most = options.scalesTo ?? options.pods;
    this.network = new Network(most + spares + 1, options.network, prng);
    this.#spares = Array.from({ length: spares }, (_, index) => most + index);
    this.checker = new Checker(this);
    this.api = new ApiServer(this, options.api);
    this.places = Array.from({ length: most }, (_, ordinal) => new Pod(this, ordinal));
    this.#pods = this.places.slice(0, options.pods);
    this.#everybody = this.places;
    const startsTogether = prng.chance(0.5);
    for (const pod of this.places) this.#saveNowAndThen(pod);
    letPodsCome(this, startsTogether);
    this.clients = new Clients(this, options.clients);
    this.#feedPrimaries();
    new FaultPlan(this).begin();
    new Scaling(this).begin();
  }

  /** The pods of the set. */
  get pods(): readonly Pod[] {
    return this.#pods;
  }

  /** The set has another size from now on. */
  resize(size: number): void {
    this.#pods = this.places.slice(0, size);
  }

  /** Lets time pass until the end of the run. */
  run(): void {
    this.runUntil(this.options.endAtMs);
    this.runUntil(this.#healedAtMs());
    if (this.#isReceiving()) this.runUntil(this.nowMs + this.#resyncMaxMs());
    this.checker.ended();
  }

  /**
   * When everything has to be well. A deleted pod takes its grace period, and the fault is over when
   * the one that replaces it is there.
   */
  #healedAtMs(): number {
    const { calmAtMs, endAtMs } = this.options;
    const lastBackMs = Math.max(...this.#pods.map(({ createdAtMs }) => createdAtMs));
    return endAtMs + Math.max(0, lastBackMs - calmAtMs);
  }

  /** Somebody is in the middle of a full resync: its length is the size of the data, and no agent's fault. */
  #isReceiving(): boolean {
    return this.#pods.some(({ redis }) => redis?.link?.state === 'syncing');
  }

  /** The longest that a full resync takes which nothing interrupts, until it is reported as up. */
  #resyncMaxMs(): number {
    const { resyncMs, loadMs } = this.options;
    return 1.5 * resyncMs + loadMs;
  }

  /** Lets time pass until an instant. */
  runUntil(atMs: number): void {
    while (this.#queue.nextMs <= atMs) {
      this.nowMs = this.#queue.nextMs;
      this.#events += 1;
      this.#queue.take()();
    }
    this.nowMs = atMs;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  at(atMs: number, event: Event): void {
    this.#queue.add(atMs, event);
  }

  after(delayMs: number, event: Event): void {
    this.#queue.add(this.nowMs + delayMs, event);
  }

  /** A number that was never given before. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  newReplid(): string {
    return `h${this.nextNumber()}`;
  }

  /** An address for a new pod, now and then one that another pod had. */
  assignAddress(): string {
    const reuses = this.#freed.length > 0 && this.prng.chance(this.options.addressReuse);
    if (!reuses) return `10.0.0.${this.nextNumber()}`;
    return this.#freed.splice(this.prng.below(this.#freed.length), 1)[0]!;
  }

  /** A pod is gone: its address may be another's. */
  freeAddress(address: string): void {
    if (address !== '') this.#freed.push(address);
  }

  /** All pods that there are: those of the set, and former ones that live on somewhere. */
  get everybody(): readonly Pod[] {
    return this.#everybody;
  }

  podAt(address: string): Pod | null {
    for (const pod of this.#everybody) if (pod.address === address && pod.uid !== '') return pod;
    return null;
  }

  redisAt(address: string): Redis | null {
    return this.podAt(address)?.redis ?? null;
  }

  /** The pod that runs on a machine. */
  podOn(place: number): Pod | null {
    for (const pod of this.#everybody) if (pod.place === place) return pod;
    return null;
  }

  /** A machine that was never used; `null` when there is none left. */
  takeSpare(): number | null {
    return this.#spares.shift() ?? null;
  }

  /** A pod that is no member of the set any more, and runs on. */
  leftBehind(pod: Pod): void {
    this.#everybody = [...this.#everybody, pod];
    this.checker.promises.leftBehind(pod.uid);
  }

  /** It has ended at last. */
  forgotten(pod: Pod): void {
    this.#everybody = this.#everybody.filter((one) => one !== pod);
    const sole = this.#everybody.filter(({ ordinal }) => ordinal === pod.ordinal);
    if (sole.length === 1) sole[0]!.soleSinceMs = this.nowMs;
  }

  agentAt(place: number): Agent | null {
    return this.podOn(place)?.agent ?? null;
  }

  /** What the DNS says: sometimes what was true before. */
  lookUp(ordinal: number): string {
    const pod = this.places[ordinal]!;
    return pod.formerAddress ?? pod.address;
  }

  settle(redis: Redis): void {
    settle(redis, this.nowMs);
  }

  connect(redis: Redis): void {
    connect(this, redis);
  }

  dumpSaved(redis: Redis, dump: Dump): void {
    const pod = this.podOn(redis.place);
    if (pod?.redis === redis && pod.persistence === 'rdb') pod.dump = dump;
  }

  /** The log that is on the disk goes no further than this. */
  logStops(redis: Redis): void {
    const pod = this.podOn(redis.place);
    if (pod?.redis === redis && pod.persistence === 'aof') pod.save();
  }

  /** Changes what replication depends on. What has arrived before has arrived. */
  disturb(places: readonly number[], change: () => void): void {
    for (const { redis } of this.#everybody) {
      if (redis === null) continue;
      this.settle(redis);
      for (const link of redis.replicas) settleAcks(link, this.nowMs);
    }
    change();
    const used = this.#everybody.map(({ place }) => place);
    this.network.noteUnheard(this.nowMs, [...used, this.network.api]);
    for (const place of places) this.podOn(place)?.disturbed();
  }

  /** TCP sends again what a cut held back. */
  mended(): void {
    for (const { redis } of this.#everybody) {
      const link = redis?.link ?? null;
      if (link !== null) link.notBeforeMs = this.nowMs + this.prng.between(0, 1000);
    }
    this.api.relistAll();
  }

  reached(reason: Reason): void {
    this.reasons.add(reason);
  }

  trace(place: number, what: string, detail: string): void {
    if (!this.isTraced) return;
    const pod = this.podOn(place);
    const who = pod === null ? 'api' : this.pods.includes(pod) ? pod.name : `${pod.name}'`;
    this.lines.push({ atMs: this.nowMs, who, what, detail });
  }

  #saveNowAndThen(pod: Pod): void {
    if (this.options.persistence !== 'rdb') return;
    this.after(this.prng.between(1000, 12_000), () => {
      pod.save();
      this.#saveNowAndThen(pod);
    });
  }

  /** What moves a primary's stream without a client: its pings, and keys that expire. */
  #feedPrimaries(): void {
    const { expiryPeriodMs } = this.options;
    this.#repeat(pingPeriodMs, (redis) => {
      if (redis.replicas.size > 0) redis.feed(pingBytes);
    });
    if (expiryPeriodMs === null) return;
    this.#repeat(expiryPeriodMs, (redis) => {
      const paused = this.nowMs < redis.pausedUntilMs;
      if (!paused && redis.content.keys > 0) redis.feed(this.options.writeBytes);
    });
  }

  #repeat(periodMs: number, feed: (primary: Redis) => void): void {
    this.after(this.prng.between(0.5, 1.5) * periodMs, () => {
      for (const { redis } of this.#everybody) {
        if (redis?.role === 'primary' && redis.answers && !redis.loading) feed(redis);
      }
      this.#repeat(periodMs, feed);
    });
  }
}
