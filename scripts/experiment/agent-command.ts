import type { RedisSet, SetPod } from './redis-set.ts';

/** Runs `regent WORDS` beside the Redis of a pod, as an operator does. */
export function regent(set: RedisSet, pod: SetPod, ...words: readonly string[]): Promise<string> {
  const exec = ['exec', pod.name, '--container=agent', '--', 'regent', ...words];
  return set.cluster.kubectl(exec);
}
