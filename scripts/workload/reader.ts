import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from './record.ts';
import { connectAnew, openClient, type RedisAddress } from './redis-client.ts';
import { wallClockMs } from './wall-clock.ts';

/** What to read, and how often. */
export interface ReaderOptions {
  readonly address: RedisAddress;
  /** The beginning of the keys; a number follows. */
  readonly prefix: string;
  readonly periodMs: number;
  /** The newest write that was acknowledged to this application by now; 0 for none yet. */
  readonly newest: () => number;
}

/**
 * Reads the newest acknowledged write again and again over a connection of its own, until `stop`, and
 * reports each answer that lacks it.
 */
export async function read(
  { address, prefix, periodMs, newest }: ReaderOptions,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  const client = openClient(address);
  let count = 0;
  while (!stop.aborted) {
    const sentMs = wallClockMs();
    const n = newest();
    try {
      const value = n === 0 ? '0' : await client.get(`${prefix}${n}`);
      if (n > 0) count += 1;
      if (value !== String(n)) report({ kind: 'stale', n, atMs: wallClockMs() });
    } catch {
      connectAnew(client);
    }
    await sleep(Math.max(1, sentMs + periodMs - wallClockMs()));
  }
  client.disconnect();
  report({ kind: 'reads', count });
}
