import { randomBytes } from 'node:crypto';
import { openClient, type RedisAddress } from './redis-client.ts';

/** Keys that are on the way at a time. */
const batchCount = 1000;
/** All values are cut out of so many random bytes. */
const poolBytes = 1 << 20;

/** A data set to write. */
export interface FillerOptions {
  readonly address: RedisAddress;
  readonly prefix: string;
  readonly keyCount: number;
  readonly valueBytes: number;
  /** Removes the keys instead. */
  readonly isRemoval: boolean;
}

/**
 * Writes a data set that takes Redis some time to load and to send, or removes it. Its values cannot be
 * compressed, which Redis does where it can.
 */
export async function fill(options: FillerOptions): Promise<void> {
  const client = openClient(options.address);
  const { valueBytes } = options;
  const pool = randomBytes(poolBytes + valueBytes);
  const value = (): Buffer => {
    const from = Math.floor(Math.random() * poolBytes);
    return pool.subarray(from, from + valueBytes);
  };
  await new Promise((resolve) => client.once('ready', resolve));
  for (let first = 0; first < options.keyCount; first += batchCount) {
    const length = Math.min(batchCount, options.keyCount - first);
    const numbers = Array.from({ length }, (_, index) => first + index);
    const keys = numbers.map((n) => `${options.prefix}${n}`);
    if (options.isRemoval) await client.unlink(keys);
    else await client.mset(keys.flatMap((key) => [key, value()]));
  }
  client.disconnect();
}
