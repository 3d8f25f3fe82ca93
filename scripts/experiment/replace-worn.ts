import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisSet } from './redis-set.ts';

/** Long enough for a leader to count a new replica among those that keep its writes. */
const acquaintanceMs = 1500;

/**
 * Replaces pods whose containers were started anew, the leader last: their machine would wait longer
 * each time before it starts them again, and what is tried next must not be about that.
 */
export async function replaceWorn(
  set: RedisSet,
  podCount: number,
  timeoutMs: number,
): Promise<void> {
  const leader = await set.settled(podCount, timeoutMs);
  const worn = (await set.pods()).filter(({ restarts }) => restarts > 0);
  const [first, last] = [
    worn.filter(({ uid }) => uid !== leader.uid),
    worn.filter(({ uid }) => uid === leader.uid),
  ];
  for (const pod of [...first, ...last]) {
    await set.cluster.kubectl(['delete', 'pod', pod.name]);
    await set.settled(podCount, timeoutMs);
  }
  await sleep(acquaintanceMs);
}
