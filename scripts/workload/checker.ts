import type { Redis } from 'ioredis';
import type { Checked } from './record.ts';
import { openPatientClient, type RedisAddress } from './redis-client.ts';

/** First and last number of writes that were acknowledged one after the other. */
export type Range = readonly [first: number, last: number];

/** Keys that are asked for at a time. */
const batchCount = 1000;

/** Writes of one writer. */
export interface Writes {
  readonly prefix: string;
  readonly ranges: readonly Range[];
}

/**
 * Reads all writes back from each of several places, and lists those that are not there with their own
 * value: one record for each place and writer.
 *
 * @param places addresses by the names that the records have
 */
export async function check(
  places: ReadonlyMap<string, RedisAddress>,
  writes: readonly Writes[],
): Promise<Checked[]> {
  const checks = [...places].map(async ([place, address]) => {
    const client = openPatientClient(address);
    await new Promise((resolve) => client.once('ready', resolve));
    const found: Checked[] = [];
    for (const one of writes) found.push({ place, ...(await checkOne(client, one)) });
    client.disconnect();
    return found;
  });
  return (await Promise.all(checks)).flat();
}

async function checkOne(
  client: Redis,
  { prefix, ranges }: Writes,
): Promise<Omit<Checked, 'place'>> {
  const missing: number[] = [];
  let count = 0;
  for (const batch of batches(ranges)) {
    const values = await client.mget(batch.map((n) => `${prefix}${n}`));
    missing.push(...batch.filter((n, index) => values[index] !== String(n)));
    count += batch.length;
  }
  return { kind: 'checked', prefix, count, missing };
}

/** The numbers as ranges: few, because most writes are acknowledged. `numbers` ascend. */
export function rangesOf(numbers: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const n of numbers) {
    const open = ranges.at(-1);
    if (open?.[1] === n - 1) open[1] = n;
    else ranges.push([n, n]);
  }
  return ranges;
}

function* batches(ranges: readonly Range[]): Generator<number[]> {
  let batch: number[] = [];
  for (const [first, last] of ranges) {
    for (let n = first; n <= last; n += 1) {
      batch.push(n);
      if (batch.length === batchCount) {
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}
