import type { Cluster } from '../experiment/cluster.ts';
import { setPod, type SetPod } from '../experiment/redis-set.ts';
import type { Stage } from '../scenarios/stage.ts';
import { failoverTimeoutMs, haproxy } from './failover/failover.ts';
import { SentinelSystem } from './failover/sentinel-system.ts';
import type { Part } from './resident.ts';
import { podCount, proxyName, selectorOf, type SentinelSetOptions } from './sentinel/objects.ts';

/** Something whose cost is measured. */
export interface CostSystem {
  /** What writes go to. */
  readonly host: string;
  /** What runs of it, when all is well. */
  readonly parts: () => Promise<Part[]>;
  /** The name of the Redis that leads, for whoever asks it directly. */
  readonly primaryHost: () => Promise<string>;
}

/** The agent that leads, as results call it. */
export const leaderAgent = 'agent, leader';
const sentinelName = 'sentinel';

/** A set of the chart. */
export function regentCost(stage: Stage): CostSystem {
  const { set } = stage;
  return {
    host: set.leaderHost,
    primaryHost: async () => set.host((await stage.whole()).name),
    parts: async () => {
      const leader = await stage.whole();
      return (await set.pods()).flatMap((pod) => {
        const isLeader = pod.uid === leader.uid;
        const agent = isLeader ? leaderAgent : 'agent, follower';
        const redis = `Redis, ${isLeader ? 'primary' : 'replica'}`;
        return [
          { subject: agent, pod, container: 'agent', isAgent: true },
          { subject: redis, pod, container: 'redis' },
        ];
      });
    },
  };
}

/** Options of a set with Sentinels that are as patient as usual charts have them be. */
export function sentinelOptions(
  redis: string,
  password: SentinelSetOptions['password'],
): SentinelSetOptions {
  const times = { downAfterMs: 5000, failoverTimeoutMs };
  return { name: sentinelName, images: { redis, haproxy }, password, ...times };
}

/** A set with Sentinels and HAProxy, installed beside a set of the chart with the same password. */
export async function openSentinelCost(stage: Stage, redis: string): Promise<CostSystem> {
  const { set, workload } = stage;
  const { cluster } = set;
  const options = sentinelOptions(redis, { name: set.name, key: 'redis-password' });
  const system = new SentinelSystem(cluster, options, workload);
  await system.install();
  await proxiesReady(cluster);
  await system.whole();
  const pods = [...(await system.pods()), ...(await proxyPods(cluster))];
  await workload.prepareKills(pods.map(({ machine }) => machine));
  return {
    host: proxyName(sentinelName),
    primaryHost: async () => (await system.whole()).address,
    parts: async () => {
      const primary = await system.whole();
      const sets = (await system.pods()).flatMap((pod) => {
        const role = pod.uid === primary.uid ? 'primary' : 'replica';
        return [
          { subject: 'Sentinel', pod, container: 'sentinel' },
          { subject: `Redis, ${role}, with Sentinel`, pod, container: 'redis' },
        ];
      });
      const proxies = (await proxyPods(cluster)).map((pod) => {
        return { subject: 'HAProxy', pod, container: 'haproxy', isGroup: true };
      });
      return [...sets, ...proxies];
    },
  };
}

/** Waits until HAProxy can be asked. */
export async function proxiesReady(cluster: Cluster): Promise<void> {
  const deployment = `deployment/${proxyName(sentinelName)}`;
  await cluster.kubectl(['rollout', 'status', deployment, '--timeout=180s']);
}

/** Whether all pods of the set with Sentinels are ready, looked at once. */
export async function sentinelPodsReady(cluster: Cluster): Promise<boolean> {
  const pods = await podsOf(cluster, sentinelName);
  return pods.filter(({ isReady }) => isReady).length === podCount;
}

function proxyPods(cluster: Cluster): Promise<SetPod[]> {
  return podsOf(cluster, proxyName(sentinelName));
}

async function podsOf(cluster: Cluster, name: string): Promise<SetPod[]> {
  return (await cluster.api.pods(selectorOf(name))).map(setPod);
}
