import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Answered, Report } from './record.ts';
import { clientOptions, type RedisAddress } from './redis-client.ts';
import { wallClockMs } from './wall-clock.ts';

/** Where to ask, and how often. */
export interface RolesOptions {
  readonly address: RedisAddress;
  /** Milliseconds from one question to the next. */
  readonly periodMs: number;
}

/**
 * Asks an address for its role and for a read until `stop`, each time over a new connection, as
 * somebody who has just come: reports each change of the answer.
 */
export async function poll(
  { address, periodMs }: RolesOptions,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  let last = '';
  while (!stop.aborted) {
    const sentMs = wallClockMs();
    const answer = await askOnce(address);
    const text = JSON.stringify(answer);
    if (text !== last) report({ kind: 'answered', ...answer, atMs: wallClockMs() });
    last = text;
    await sleep(Math.max(1, sentMs + periodMs - wallClockMs()));
  }
}

async function askOnce(address: RedisAddress): Promise<Pick<Answered, 'role' | 'link' | 'reads'>> {
  const client = new Redis({
    ...clientOptions(address),
    ...{ lazyConnect: true, retryStrategy: () => null },
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [[role, , , link], read] = await Promise.all([
      client.role(),
      client.exists('').catch(() => null),
    ]);
    const reads = read !== null;
    return { role: String(role), link: typeof link === 'string' ? link : null, reads };
  } catch {
    return { role: 'unreachable', link: null, reads: false };
  } finally {
    client.disconnect();
  }
}
