import { wallClockMs } from '../workload/wall-clock.ts';
import type { RedisSet, SetPod } from './redis-set.ts';
import type { Workload } from './workload.ts';

/** Ways to lose a leader. */
export const strikeNames = ['redis', 'pod', 'delete'] as const;
/** One of `strikeNames`. */
export type StrikeName = (typeof strikeNames)[number];

/** Who is struck, and with what. */
export interface Striker {
  readonly set: RedisSet;
  readonly workload: Workload;
}

/** Does harm to a pod. Returns when, on the clock of the cluster's machines. */
export type Strike = (striker: Striker, pod: SetPod) => Promise<number>;

/** SIGKILL of Redis alone: the agent beside it lives. */
export const killRedis: Strike = async ({ workload }, pod) => {
  const { atMs } = await workload.kill(pod.machine, [containerId(pod, 'redis')]);
  return atMs;
};

/** SIGKILL of Redis alone, whose disk is empty when it comes back. */
export const killRedisAndEmpty: Strike = async ({ workload }, pod) => {
  const { atMs } = await workload.kill(pod.machine, [containerId(pod, 'redis')], '/data');
  return atMs;
};

/** SIGKILL of Redis and agent in the same moment. */
export const killPod: Strike = async ({ workload }, pod) => {
  const containers = [containerId(pod, 'redis'), containerId(pod, 'agent')];
  const { atMs } = await workload.kill(pod.machine, containers);
  return atMs;
};

/** The pod is taken out of the API at once, and its machine ends it without a grace period. */
export const deletePod: Strike = async ({ set }, pod) => {
  const atMs = wallClockMs();
  await set.cluster.kubectl(['delete', 'pod', pod.name, '--force', '--grace-period=0']);
  return atMs;
};

/** The strike that a person asks for by name. */
export function strikeOf(name: StrikeName): Strike {
  switch (name) {
    case 'redis':
      return killRedis;
    case 'pod':
      return killPod;
    case 'delete':
      return deletePod;
    default:
      return name satisfies never;
  }
}

function containerId(pod: SetPod, container: string): string {
  const id = pod.containers.get(container);
  if (id === undefined) throw new Error(`container ${container} of ${pod.name} does not run`);
  return id;
}
