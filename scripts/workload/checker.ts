import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Checked } from './record.ts';
import { openPatientClient, type RedisAddress } from './redis-client.ts';

/** First and last number of writes that were acknowledged one after the other. */
export type Range = readonly [first: number, last: number];

/** Keys that are asked for at a time. */
const batchCount = 1000;
/** A place that is not reached by then will not be, in milliseconds: its pod may not even exist. */
const reachMaxMs = 60_000;

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
 * @throws Error that names the place when one cannot be reached within a minute
 */
export async function check(
  places: ReadonlyMap<string, RedisAddress>,
  writes: readonly Writes[],
): Promise<Checked[]> {
  const clients = [...places].map(([place, address]) => ({
    place,
    client: openPatientClient(address),
  }));
  try {
    const checks = clients.map(({ place, client }) => checkPlace(client, place, writes));
    return (await Promise.all(checks)).flat();
  } finally {
    for (const { client } of clients) client.disconnect();
  }
}

async function checkPlace(
  client: Redis,
  place: string,
  writes: readonly Writes[],
): Promise<Checked[]> {
  await reached(client, place);
  const found: Checked[] = [];
  for (const one of writes) found.push({ place, ...(await checkOne(client, one)) });
  return found;
}

async function reached(client: Redis, place: string): Promise<void> {
  const isReady = new Promise<true>((resolve) => {
    client.once('ready', () => {
      resolve(true);
    });
  });
  if (await Promise.race([isReady, sleep(reachMaxMs, false, { ref: false })])) return;
  throw new Error(`${place} cannot be reached to read the writes back`);
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
