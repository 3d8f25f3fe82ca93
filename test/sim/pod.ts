import { dueNote, type Note } from '../../agent/core/note.ts';
import type { RedisSight, Self } from '../../agent/core/observation.ts';
import { Agent } from './agent/agent.ts';
import type { Dump } from './dump.ts';
import { Redis } from './redis.ts';
import type { Persistence } from './swarm.ts';
import { Termination } from './termination.ts';
import type { World } from './world.ts';

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
  /** Since when no other that was deleted by force answers in its name. */
  soleSinceMs = -Infinity;
  agent: Agent | null = null;
  redis: Redis | null = null;
  /** What is on the volume. */
  dump: Dump | null = null;
  note: Note | null = null;
  isEnding = false;
  /** The size of the set as its template has it. */
  members = 0;
  /** When the present pod of this name was made. */
  createdAtMs = -Infinity;
  /** When something was last done to it or to its machine. */
  disturbedAtMs = -Infinity;
  /** When somebody last put its volume back to an older state. */
  restoredAtMs = -Infinity;
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
    if (this.ordinal >= world.pods.length - world.options.absent) return;
    this.members = world.pods.length;
    this.createdAtMs = world.nowMs;
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
    // The note that goes with the volume describes what the log there has by now.
    if (this.persistence === 'aof') this.save();
    const twin = new Pod(world, this.ordinal);
    twin.place = this.place;
    twin.uid = this.uid;
    twin.address = this.address;
    twin.#clock = this.#clock;
    twin.members = this.members;
    twin.agent = this.agent;
    twin.redis = this.redis;
    if (twin.agent !== null) twin.agent.pod = twin;
    world.leftBehind(twin);
    this.soleSinceMs = Infinity;
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
      members: this.members,
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
    if (this.persistence === 'aof' && redis.log.state !== 'kept') return;
    const { content } = redis;
    const offset = world.options.logHasOffset ? redis.offset : 0;
    this.dump = this.persistence === 'aof' ? { replid: null, offset, content } : redis.dump();
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
    this.world.checker.promises.forgets(this.agent);
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

  /** kubectl delete pod. */
  terminate(createAfterMs: number): void {
    if (this.isEnding || this.uid === '') return;
    this.isEnding = true;
    this.disturbed();
    this.world.trace(this.place, 'pod is deleted', '');
    new Termination(this, createAfterMs).begin();
  }

  /** The volume is put back to an older state, by a person or a storage system. */
  restoreSnapshot(): void {
    if (this.#snapshot === null) return;
    this.restoredAtMs = this.world.nowMs;
    this.dump = this.#snapshot.dump;
    this.note = this.#snapshot.note;
  }

  /** What agent/run/note-keeper.ts does. */
  keepNote(agent: Agent, redis: RedisSight): void {
    if (this.persistence === 'none') return;
    const { record } = agent;
    const { isLogBehind } = agent.redis;
    const nowMs = agent.clock();
    const note = dueNote(agent.redis.lastNote, { record, redis, isLogBehind, nowMs });
    if (note === null) return;
    agent.redis.lastNote = { note, atMs: nowMs };
    this.note = note;
    this.world.checker.data.noted(this);
  }
}
