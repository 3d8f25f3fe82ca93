import type { Redis } from './redis.ts';

/** A rewrite that a frozen Redis cannot take over waits so long for its next chance. */
const retryMs = 100;

/**
 * The append-only file of one process of Redis over a full resync: it is switched off, and until a
 * new one is made the disk names the old one. Only who keeps its data in a log has use for it.
 */
export class AppendLog {
  readonly #redis: Redis;
  #token = 0;
  /** `kept`: the disk has what the memory has. */
  state: 'kept' | 'off' | 'rewriting' = 'kept';

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Before the data are replaced: what the disk has stays as it is. */
  stop(): void {
    if (this.state === 'kept') this.#redis.world.logStops(this.#redis);
    this.#token += 1;
    this.state = 'off';
  }

  /** A new log is begun where the old one was switched off. */
  restart(): void {
    if (this.state !== 'off') return;
    const { world } = this.#redis;
    this.state = 'rewriting';
    this.#endLater(world.options.rewriteMs * world.prng.between(0.5, 1.5), ++this.#token);
  }

  #endLater(afterMs: number, token: number): void {
    this.#redis.world.after(afterMs, () => {
      if (this.#token !== token || !this.#redis.running) return;
      if (this.#redis.frozen) this.#endLater(retryMs, token);
      else this.state = 'kept';
    });
  }
}
