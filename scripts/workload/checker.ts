import type { Checked } from './record.ts';
import { openClient, type RedisAddress } from './redis-client.ts';

/** First and last number of writes that were acknowledged one after the other. */
export type Range = readonly [first: number, last: number];

/** Keys that are asked for at a time. */
const batchCount = 1000;

/** Reads every write of `ranges` back, and lists those that are not there with their own value. */
export async function check(
  address: RedisAddress,
  prefix: string,
  ranges: readonly Range[],
): Promise<Checked> {
  const client = openClient(address);
  const missing: number[] = [];
  let count = 0;
  await new Promise((resolve) => client.once('ready', resolve));
  for (const batch of batches(ranges)) {
    const values = await client.mget(batch.map((n) => `${prefix}${n}`));
    missing.push(...batch.filter((n, index) => values[index] !== String(n)));
    count += batch.length;
  }
  client.disconnect();
  return { kind: 'checked', count, missing };
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
