import type { Cluster } from '../experiment/cluster.ts';
import { onNetwork } from '../experiment/machine-post.ts';
import { readings, sumOf, type Reading } from './metrics-text.ts';

/** What a process of the control plane has used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** The control plane of scripts/cluster at one time. */
export interface ControlPlane {
  readonly apiServer: ProcessUsage;
  readonly etcd: ProcessUsage;
  /** Requests of anybody so far, kubelets and controllers among them, by verb: `GET`, `PUT`, ... */
  readonly requests: ReadonlyMap<string, number>;
}

/** Where etcd tells its metrics, on the machine of the control plane. */
const etcdMetrics = 'http://127.0.0.1:2379/metrics';
const fetchMetrics = `fetch('${etcdMetrics}').then((it) => it.text()).then(console.log)`;

/** Reads the metrics of API server and etcd. */
export async function controlPlane(cluster: Cluster): Promise<ControlPlane> {
  const [apiServer, etcd] = await Promise.all([
    cluster.kubectl(['get', '--raw=/metrics']),
    onNetwork('cp', [process.execPath, '--eval', fetchMetrics]),
  ]);
  const asked = readings(apiServer);
  return { apiServer: usage(asked), etcd: usage(readings(etcd)), requests: requestsByVerb(asked) };
}

function usage(all: readonly Reading[]): ProcessUsage {
  return {
    cpuSeconds: sumOf(all, 'process_cpu_seconds_total'),
    rssBytes: sumOf(all, 'process_resident_memory_bytes'),
  };
}

/** Requests that the API server has answered, by verb. */
export function requestsByVerb(all: readonly Reading[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, labels, value } of all) {
    if (name !== 'apiserver_request_total') continue;
    const verb = labels['verb'] ?? '';
    counts.set(verb, (counts.get(verb) ?? 0) + value);
  }
  return counts;
}
