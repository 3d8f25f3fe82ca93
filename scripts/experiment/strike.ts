import { wallClockMs } from '../workload/wall-clock.ts';
import type { RedisSet, SetPod } from './redis-set.ts';
import type { Workload } from './workload.ts';

/** Ways to lose a leader. */
export const strikeNames = ['redis', 'pod', 'delete'] as const;
/** One of `strikeNames`. */
export type StrikeName = (typeof strikeNames)[number];

/** Renewals come round in this time, in milliseconds: a strike within it finds any phase. */
export const phaseMs = 1500;

/** Who is struck, and with what. */
export interface Striker {
  readonly set: RedisSet;
  readonly workload: Workload;
}

/** Deals the blow. Returns when that was, on the clock of the cluster's machines. */
export type Blow = () => Promise<number>;

/** Gets ready to do harm to a pod, and returns the blow itself. */
export type Strike = (striker: Striker, pod: SetPod) => Promise<Blow>;

/** SIGKILL of Redis alone: the agent beside it lives. */
export const killRedis: Strike = (striker, pod) => aimAt(striker, pod, ['redis']);

/** SIGKILL of Redis alone, whose disk is empty when it comes back. */
export const killRedisAndEmpty: Strike = (striker, pod) => aimAt(striker, pod, ['redis'], '/data');

/** SIGKILL of Redis and agent in the same moment. */
export const killPod: Strike = (striker, pod) => aimAt(striker, pod, ['redis', 'agent']);

/** The same, and the disk of both is empty when they come back. */
export const killPodAndEmpty: Strike = (striker, pod) =>
  aimAt(striker, pod, ['redis', 'agent'], '/data');

/** SIGKILL of the agent alone: its Redis runs on. */
export const killAgent: Strike = (striker, pod) => aimAt(striker, pod, ['agent']);

/** The pod is taken out of the API at once, and its machine ends it without a grace period. */
export const deletePod: Strike = ({ set }, pod) => {
  const words = ['delete', 'pod', pod.name, '--force', '--grace-period=0', '--wait=false'];
  return Promise.resolve(async () => {
    const atMs = wallClockMs();
    await set.cluster.kubectl(words);
    return atMs;
  });
};

async function aimAt(
  { workload }: Striker,
  pod: SetPod,
  containers: readonly string[],
  emptied: string | null = null,
): Promise<Blow> {
  const ids = containers.map((container) => containerId(pod, container));
  const kill = await workload.aim(pod.machine, ids, { emptied });
  return async () => (await kill()).atMs;
}

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

/** The id of a container that runs. */
export function containerId(pod: SetPod, container: string): string {
  const id = pod.containers.get(container);
  if (id === undefined) throw new Error(`container ${container} of ${pod.name} does not run`);
  return id;
}
