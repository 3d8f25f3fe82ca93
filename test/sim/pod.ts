import { isHeldBy, recordedHead, type LeaseRecord } from '../../agent/core/lease.ts';
import type { RedisSight, Self } from '../../agent/core/observation.ts';
import { Agent } from './agent/agent.ts';
import { Redis, type Dump } from './redis.ts';
import type { Persistence } from './swarm.ts';
import type { World } from './world.ts';

interface Note {
  readonly term: number;
  readonly replid: string;
  readonly offset: number;
}

/** From one note to the next while only the offset moves. */
const notePeriodMs = 5000;
/** How long a preStop hook may wait for a successor. */
const prestopMaxMs = 10_000;

/** One pod of the set and what kubelet does for it; a new one of the same name replaces it. */
export class Pod {
  readonly world: World;
  readonly ordinal: number;
  /** The machine that it runs on. */
  place: number;
  readonly persistence: Persistence;
  uid = '';
  address = '';
  /** Until the DNS knows the new address it gives this one. */
  formerAddress: string | null = null;
  /** Since when the DNS gives the right address. */
  resolvesSinceMs = Infinity;
  agent: Agent | null = null;
  redis: Redis | null = null;
  /** What is on the volume. */
  dump: Dump | null = null;
  note: Note | null = null;
  isEnding = false;
  /** When something was last done to it or to its machine. */
  disturbedAtMs = -Infinity;
  #notedAtMs = -Infinity;
  #snapshot: { readonly dump: Dump; readonly note: Note | null } | null = null;
  #clock = { rate: 1, beginMs: 0 };

  constructor(world: World, ordinal: number) {
    this.world = world;
    this.ordinal = ordinal;
    this.place = ordinal;
    this.persistence = world.options.persistence;
  }

  get name(): string {
    return `node-${this.ordinal}`;
  }

  /** A new pod on the machine: another UID, another address, the volume of the one before. */
  create(): void {
    const { world } = this;
    if (this.agent !== null || this.redis !== null) return;
    if (this.ordinal >= world.options.pods - world.options.absent) return;
    const former = this.address;
    this.resolvesSinceMs = Infinity;
    this.uid = `uid-${world.nextNumber()}`;
    this.address = world.assignAddress();
    this.isEnding = false;
    this.formerAddress = former === '' ? null : former;
    world.after(world.prng.between(0, world.options.dnsLagMaxMs), () => {
      this.formerAddress = null;
      this.resolvesSinceMs = world.nowMs;
    });
    const error = world.options.clockErrorMax;
    this.#clock = {
      rate: 1 + world.prng.between(-error, error),
      beginMs: world.prng.between(0, 1e6),
    };
    this.disturbed();
    this.startAgent();
    world.after(world.prng.between(10, 500), () => {
      this.startRedis();
    });
  }

  /**
   * Its machine is gone for the API server, and it is made anew elsewhere, while its processes run on
   * where they were: two pods of one name. The volume goes with the new one.
   */
  leaveBehind(place: number): Pod {
    const { world } = this;
    const twin = new Pod(world, this.ordinal);
    twin.place = this.place;
    twin.uid = this.uid;
    twin.address = this.address;
    twin.#clock = this.#clock;
    twin.agent = this.agent;
    twin.redis = this.redis;
    if (twin.agent !== null) twin.agent.pod = twin;
    world.leftBehind(twin);
    if (twin.agent?.redis.connected !== twin.redis) twin.#connectAgent();
    this.place = place;
    this.agent = null;
    this.redis = null;
    this.uid = '';
    return twin;
  }

  disturbed(): void {
    this.disturbedAtMs = this.world.nowMs;
  }

  /** A new process of the agent; it knows nothing of the one before. */
  startAgent(): void {
    if (this.agent !== null || this.uid === '') return;
    const { world, ordinal, uid, address, name } = this;
    const { priorities, durability, variant } = world.options;
    const timing = variant.timing(world.options.timing);
    const self: Self = {
      ...{ pod: name, uid, address, ordinal, durability },
      priority: priorities[ordinal] ?? 100,
      members: world.options.pods,
    };
    const { rate, beginMs } = this.#clock;
    const options = { self, timing, variant, clockRate: rate, clockBeginMs: beginMs };
    this.agent = new Agent(world, this, options);
    this.disturbed();
    this.#connectAgent();
  }

  #connectAgent(): void {
    const { agent, redis } = this;
    if (agent === null || redis === null) return;
    this.world.after(this.world.prng.between(1, 50), () => {
      if (this.redis !== redis || agent.redis.connected === redis) return;
      agent.meanwhile(() => {
        agent.redis.open(redis);
        agent.look();
      });
    });
  }

  /** A new process of Redis, with what the volume holds. */
  startRedis(): void {
    const { world } = this;
    if (this.redis !== null || this.uid === '' || this.isEnding) return;
    const redis = new Redis(world, this.place, this.address, this.dump);
    this.redis = redis;
    this.disturbed();
    this.#connectAgent();
    world.trace(this.place, 'redis starts', `with ${redis.content.keys} keys`);
    world.after(world.prng.between(1, world.options.loadMs), () => {
      redis.loading = false;
      if (this.redis === redis) this.agent?.look();
    });
  }

  /** The process of Redis ends; with `save` it writes its data first, as on SIGTERM. */
  endRedis(save: boolean): void {
    const { redis, world } = this;
    if (redis === null) return;
    this.disturbed();
    world.settle(redis);
    if (save && !redis.frozen && !redis.loading) this.save();
    else if (this.persistence === 'aof' && !redis.loading) this.save();
    redis.end();
    this.redis = null;
    world.trace(this.place, 'redis ends', save ? 'after a save' : 'at once');
    const { agent } = this;
    world.after(1, () => {
      agent?.meanwhile(() => {
        if (agent.redis.connected !== redis) return;
        agent.redis.close();
        agent.look();
      });
    });
  }

  /** Writes the data to the volume. */
  save(): void {
    const { redis, world } = this;
    if (redis === null || redis.loading || this.persistence === 'none') return;
    world.settle(redis);
    const { content } = redis;
    this.dump = this.persistence === 'aof' ? { replid: null, offset: 0, content } : redis.dump();
    if (content.keys > 0) this.#snapshot ??= { dump: this.dump, note: this.note };
  }

  /** The volume is lost. */
  wipe(): void {
    this.dump = null;
    this.note = null;
  }

  /** The process of the agent ends without a word. */
  endAgent(): void {
    if (this.agent === null) return;
    this.disturbed();
    this.world.trace(this.place, 'agent ends', '');
    this.agent.end();
    this.agent = null;
  }

  /** The agent ended by its own decision; kubelet starts it again, unless the pod goes away. */
  agentExited(): void {
    this.endAgent();
    if (this.isEnding) return;
    this.world.after(this.world.prng.between(200, 2000), () => {
      this.startAgent();
    });
  }

  /** Both processes end, and the pod is no more. */
  remove(): void {
    this.endRedis(false);
    this.endAgent();
    if (this.uid !== '') this.world.freeAddress(this.address);
    this.uid = '';
  }

  /** kubectl delete pod: the preStop hook, SIGTERM to Redis, then to the agent. */
  terminate(createAfterMs: number): void {
    if (this.isEnding || this.uid === '') return;
    const { world, uid, agent } = this;
    const untilMs = world.nowMs + prestopMaxMs;
    this.isEnding = true;
    this.disturbed();
    world.trace(this.place, 'pod is deleted', '');
    agent?.meanwhile(() => {
      agent.request({ stop: 'pod' });
    });
    const check = (): void => {
      if (this.uid !== uid) return;
      const record = this.agent?.record ?? null;
      const holds = this.agent !== null && record !== null && isHeldBy(record, this.agent.self);
      if (holds && world.nowMs < untilMs && world.options.pods > 1) {
        world.after(20, check);
        return;
      }
      this.endRedis(true);
      world.after(1000, () => {
        this.#stopAgent(uid, createAfterMs);
      });
    };
    world.after(20, check);
  }

  #stopAgent(uid: string, createAfterMs: number): void {
    const { agent, world } = this;
    agent?.meanwhile(() => {
      agent.request({ stop: 'agent' });
    });
    world.after(2000, () => {
      if (this.uid !== uid) return;
      this.remove();
      world.after(createAfterMs, () => {
        this.create();
      });
    });
  }

  /** The volume is put back to an older state, by a person or a storage system. */
  restoreSnapshot(): void {
    if (this.#snapshot === null) return;
    this.dump = this.#snapshot.dump;
    this.note = this.#snapshot.note;
  }

  /** What agent/run/note-keeper.ts does. */
  keepNote(record: LeaseRecord | null, redis: RedisSight): void {
    if (this.persistence === 'none') return;
    const head = record === null ? null : recordedHead(record);
    if (head === null || redis.kind !== 'up' || !redis.position.whole) return;
    const { replid, offset } = redis.position;
    if (replid !== head.replid || offset === this.note?.offset) return;
    const isDue = this.world.nowMs - this.#notedAtMs >= notePeriodMs;
    if (replid === this.note?.replid && !isDue) return;
    this.note = { term: head.term, replid, offset };
    this.#notedAtMs = this.world.nowMs;
  }
}
