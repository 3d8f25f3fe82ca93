import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Report, Seen } from './record.ts';
import { connectAnew, openClient, type RedisAddress } from './redis-client.ts';
import { Rivalry } from './rivalry.ts';
import { wallClockMs } from './wall-clock.ts';

/** Whom to ask, and how often. */
export interface CensusOptions {
  /** The pods by name, with the address of each. */
  readonly pods: ReadonlyMap<string, RedisAddress>;
  /** Milliseconds from one question to the next, for each pod. */
  readonly periodMs: number;
  /** The key that is written; the name of the pod follows. */
  readonly prefix: string;
}

/** A pause of all pods together that is worth a record when the same pod goes on, in milliseconds. */
const gapMinMs = 15;

/**
 * Asks every pod directly for its role and for a write, until `stop`: reports each change of the
 * answer, every moment in which two pods take writes, and every pause in which none does.
 */
export async function count(
  options: CensusOptions,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  const rivalry = new Rivalry();
  let newest: { pod: string; atMs: number } | null = null;
  const accept = (pod: string, sentMs: number, atMs: number): void => {
    const rivals = rivalry.add({ pod, sentMs, atMs });
    if (rivals !== null) report({ kind: 'two-writers', ...rivals, atMs });
    if (newest !== null && (pod !== newest.pod || atMs - newest.atMs >= gapMinMs)) {
      report({ kind: 'gap', before: newest.pod, after: pod, fromMs: newest.atMs, sentMs, atMs });
    }
    newest = { pod, atMs };
  };
  const visits = [...options.pods].map(async ([pod, address]) => {
    const client = openClient(address);
    let last = '';
    let afterMs = wallClockMs();
    while (!stop.aborted) {
      const sentMs = wallClockMs();
      const answer = await ask(client, `${options.prefix}${pod}`);
      const atMs = wallClockMs();
      const text = JSON.stringify(answer);
      if (text !== last) report({ kind: 'seen', pod, ...answer, afterMs, atMs });
      last = text;
      afterMs = sentMs;
      if (answer.accepts) accept(pod, sentMs, atMs);
      await sleep(Math.max(1, sentMs + options.periodMs - wallClockMs()));
    }
    client.disconnect();
  });
  await Promise.all(visits);
}

async function ask(client: Redis, key: string): Promise<Pick<Seen, 'role' | 'link' | 'accepts'>> {
  const [write, role] = await Promise.allSettled([client.set(key, wallClockMs()), client.role()]);
  const accepts = write.status === 'fulfilled';
  if (role.status === 'fulfilled') {
    const [name, , , link] = role.value;
    return { role: String(name), link: typeof link === 'string' ? link : null, accepts };
  }
  // A connection to a pod that is gone stays open for long, and the pod of that name is another.
  connectAnew(client);
  return { role: 'unreachable', link: null, accepts };
}
