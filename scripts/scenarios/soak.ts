import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

const keys = Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n));
/** Between two deletions, after all is well. */
const pauseMs = 3000;

/** The oldest pod is deleted, again and again. */
export const soak: Scenario = {
  id: 'soak',
  holds:
    'every key is kept and all replicas come back while the oldest pod is deleted again and again',
  cases: [{ name: 'oldest pod deleted', mayLose: 'nothing', play: deleteOldest }],
};

async function deleteOldest(trial: Trial): Promise<void> {
  const { stage, set, workload } = trial;
  const leader = await stage.whole();
  const writes = keys.map((key) => [leader.name, 'SET', `soak:${key}`, key] as const);
  await workload.send(stage.hosts, writes);
  const untilMs = performance.now() + stage.ground.soakMs;
  let deletions = 0;
  do {
    const pod = await oldest(trial);
    await set.cluster.kubectl(['delete', 'pod', pod]);
    deletions += 1;
    const now = await stage.whole();
    const names = keys.map((key) => `soak:${key}`);
    const [count] = await workload.send(stage.hosts, [[now.name, 'EXISTS', ...names]]);
    trial.demand(
      Number(count) === keys.length,
      `after deletion ${deletions}, of ${pod}, ${now.name} has ${count} of ${keys.length} keys`,
    );
    await sleep(pauseMs);
  } while (performance.now() < untilMs);
  trial.measure('deletions', deletions);
}

async function oldest({ set }: Trial): Promise<string> {
  const selector = `app.kubernetes.io/instance=${set.release},app.kubernetes.io/component=node`;
  const pods = await set.cluster.api.pods(selector);
  const begun = (pod: V1Pod): number => new Date(pod.metadata?.creationTimestamp ?? 0).getTime();
  const [first] = pods.toSorted((one, other) => begun(one) - begun(other));
  return first?.metadata?.name ?? '';
}
