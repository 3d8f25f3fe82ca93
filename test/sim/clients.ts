import type { Redis } from './redis.ts';
import type { World } from './world.ts';

/** What became of a write. */
export type WriteOutcome = 'accepted' | 'refused' | 'waits';

/** Who writes, and how often. */
export interface ClientOptions {
  /** Milliseconds between two writes through the leader Service. */
  readonly writePeriodMs: number;
  /** Milliseconds between two writes to a pod of old acquaintance, leader or not. */
  readonly strayPeriodMs: number;
  /** How long a machine's rules go on sending to where the Service pointed before. */
  readonly routeDelayMaxMs: number;
}

/** Applications: they write where the Service points, and some where it once pointed. */
export class Clients {
  readonly #world: World;
  readonly #options: ClientOptions;
  #routed: string | null = null;

  constructor(world: World, options: ClientOptions) {
    this.#world = world;
    this.#options = options;
    this.#writeRouted();
    this.#writeAstray();
  }

  /** The Service points elsewhere; clients learn it with a delay. */
  learn(address: string): void {
    this.#world.after(this.#world.prng.between(0, this.#options.routeDelayMaxMs), () => {
      this.#routed = address;
    });
  }

  /** Writes that arrive just as something is done to a Redis: where races would show. */
  crowd(redis: Redis): void {
    if (this.#world.prng.chance(0.5)) redis.write();
  }

  #writeRouted(): void {
    const { writePeriodMs } = this.#options;
    this.#world.after(this.#world.prng.between(0.5, 1.5) * writePeriodMs, () => {
      const redis = this.#routed === null ? null : this.#world.redisAt(this.#routed);
      if (redis !== null) this.#world.checker.outages.served(redis, redis.write());
      this.#writeRouted();
    });
  }

  #writeAstray(): void {
    const { strayPeriodMs } = this.#options;
    this.#world.after(this.#world.prng.between(0.5, 1.5) * strayPeriodMs, () => {
      this.#world.prng.pick(this.#world.everybody).redis?.write();
      this.#writeAstray();
    });
  }
}
