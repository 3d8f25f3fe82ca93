import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent/errors.ts';
import type { Report } from './record.ts';
import { connectAnew, openClient, type RedisAddress } from './redis-client.ts';
import { wallClockMs } from './wall-clock.ts';

/** What to write, and how often. */
export interface WriterOptions {
  readonly address: RedisAddress;
  /** The beginning of all keys. The number of the write follows. */
  readonly prefix: string;
  /** Milliseconds from one write to the next. */
  readonly periodMs: number;
}

/**
 * Writes one numbered key after the other until `stop`, and reports each acknowledgement.
 *
 * Every attempt has a number of its own: a write that failed may have happened all the same, so it
 * counts neither as there nor as lost.
 */
export async function write(
  options: WriterOptions,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  const client = openClient(options.address);
  let connection = 0;
  let lastError: string | null = null;
  let noConnection = 'no connection yet';
  client.on('ready', () => (connection += 1));
  client.on('error', (error) => (noConnection = messageOf(error)));
  for (let n = 1; !stop.aborted; n += 1) {
    const sentMs = wallClockMs();
    const isConnected = client.status === 'ready';
    try {
      const used = connection;
      await client.set(`${options.prefix}${n}`, n);
      report({ kind: 'acknowledged', n, connection: used, sentMs, atMs: wallClockMs() });
      lastError = null;
    } catch (error) {
      const message = isConnected ? messageOf(error) : noConnection;
      if (message !== lastError) report({ kind: 'failed', n, error: message, atMs: wallClockMs() });
      lastError = message;
      connectAnew(client);
    }
    await sleep(Math.max(0, sentMs + options.periodMs - wallClockMs()));
  }
  client.disconnect();
}
