import { Prng } from '../../sim/prng.ts';
import { Redis } from '../../sim/redis.ts';
import { drawOptions, type WorldOptions } from '../../sim/swarm.ts';
import { goodReplicas } from '../../sim/link.ts';
import { real } from '../../sim/variant.ts';
import { World } from '../../sim/world.ts';
import { benchSize, type Bench, type Look, type Outcome } from './bench.ts';

const farMs = 1e12;

/** A world in which nothing happens but what the script says. */
const still: Partial<WorldOptions> = {
  ...{ pods: benchSize, absent: benchSize, scalesTo: null, faults: [], persistence: 'none' },
  expiryPeriodMs: null,
  ...{ resyncMs: 20, loadMs: 5, backlogBytes: 1_000_000, writeBytes: 60, calmAtMs: farMs },
  clients: { writePeriodMs: farMs, strayPeriodMs: farMs, routeDelayMaxMs: 1 },
  network: { delayMinMs: 0.1, delayMaxMs: 0.5, lossShare: 0 },
};

/** The simulator's Redis, without agents. */
export class SimulatedBench implements Bench {
  readonly #world: World;

  constructor() {
    const prng = new Prng(7);
    const options = { ...drawOptions(prng, real), ...still };
    this.#world = new World(options, prng);
    for (const pod of this.#world.pods) {
      pod.uid = `uid-${pod.ordinal}`;
      pod.address = `address-${pod.ordinal}`;
    }
  }

  async start(index: number): Promise<void> {
    const pod = this.#world.pods[index]!;
    pod.redis = new Redis(this.#world, index, pod.address, pod.dump);
    pod.redis.loading = false;
    await this.wait(50);
  }

  async kill(index: number): Promise<void> {
    const pod = this.#world.pods[index]!;
    this.#world.settle(pod.redis!);
    pod.redis!.end();
    pod.redis = null;
    await this.wait(50);
  }

  save(index: number): Promise<void> {
    const pod = this.#world.pods[index]!;
    this.#world.settle(pod.redis!);
    pod.dump = pod.redis!.dump();
    return Promise.resolve();
  }

  async promote(index: number): Promise<void> {
    const redis = this.#redis(index);
    const hadBacklog = redis.backlogFrom !== null;
    redis.promote();
    if (!hadBacklog) redis.forgetPast();
    await this.wait(5);
  }

  async follow(index: number, from: number | null): Promise<void> {
    this.#redis(index).replicateFrom(from === null ? null : `address-${from}`);
    await this.wait(5);
  }

  async admit(index: number, replicas: number, lagSeconds: number): Promise<void> {
    this.#redis(index).admit(replicas, lagSeconds);
    await this.wait(5);
  }

  async pause(index: number, forMs: number): Promise<void> {
    this.#redis(index).pause(forMs);
    await this.wait(5);
  }

  async freeze(index: number): Promise<void> {
    this.#world.disturb([index], () => {
      this.#redis(index).freeze();
    });
    await this.wait(5);
  }

  async thaw(index: number): Promise<void> {
    this.#world.disturb([index], () => {
      this.#redis(index).thaw();
    });
    await this.wait(5);
  }

  async write(index: number): Promise<Outcome> {
    const outcome = this.#redis(index).write();
    await this.wait(5);
    return outcome;
  }

  wait(ms: number): Promise<void> {
    this.#world.runUntil(this.#world.nowMs + ms);
    return Promise.resolve();
  }

  settle(): Promise<void> {
    return this.wait(5000);
  }

  look(index: number): Promise<Look | null> {
    const { redis } = this.#world.pods[index]!;
    if (redis?.answers !== true) return Promise.resolve(null);
    this.#world.settle(redis);
    const { role, replid, replid2, offset, content, link } = redis;
    // INFO counts them only where a write needs some.
    const counts = role === 'primary' && redis.minReplicas > 0;
    const good = counts ? goodReplicas(redis, redis.maxLagSeconds) : 0;
    const linkUp = link?.state === 'up';
    return Promise.resolve({ role, replid, replid2, offset, keys: content.keys, linkUp, good });
  }

  #redis(index: number): Redis {
    return this.#world.pods[index]!.redis!;
  }
}
