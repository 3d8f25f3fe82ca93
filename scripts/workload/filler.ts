import { openClient, type RedisAddress } from './redis-client.ts';

/** Keys that are on the way at a time. */
const batchCount = 1000;

/** A data set to write. */
export interface FillerOptions {
  readonly address: RedisAddress;
  readonly prefix: string;
  readonly keyCount: number;
  readonly valueBytes: number;
  /** Removes the keys instead. */
  readonly isRemoval: boolean;
}

/** Writes a data set that takes Redis some time to load and to send, or removes it. */
export async function fill(options: FillerOptions): Promise<void> {
  const client = openClient(options.address);
  const value = 'x'.repeat(options.valueBytes);
  await new Promise((resolve) => client.once('ready', resolve));
  for (let first = 0; first < options.keyCount; first += batchCount) {
    const numbers = Array.from({ length: batchCount }, (_, index) => first + index);
    const keys = numbers.map((n) => `${options.prefix}${n}`);
    if (options.isRemoval) await client.unlink(keys);
    else await client.mset(keys.flatMap((key) => [key, value]));
  }
  client.disconnect();
}
