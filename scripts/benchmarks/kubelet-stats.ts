import type { Cluster } from '../experiment/cluster.ts';

/** What kubelet knows of a container, from its control group. Probes that run in it count. */
export interface ContainerStats {
  readonly pod: string;
  readonly container: string;
  /** Memory without file pages that the kernel would drop first: what `kubectl top` shows. */
  readonly workingSetBytes: number;
  /** CPU since the start of the container, until `atMs`. */
  readonly cpuMs: number;
  /** kubelet looks every ten seconds or so, not when it is asked. */
  readonly atMs: number;
}

/** A part of the answer of `/stats/summary`. A container that has just started lacks some of it. */
interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly {
      readonly name: string;
      readonly cpu?: { readonly time: string; readonly usageCoreNanoSeconds?: number };
      readonly memory?: { readonly workingSetBytes?: number };
    }[];
  }[];
}

/** The containers of one namespace in the answer of a kubelet. */
export function containerStats(answer: string, namespace: string): ContainerStats[] {
  const { pods } = JSON.parse(answer) as Summary;
  return pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .flatMap(({ podRef, containers = [] }) =>
      containers.flatMap(({ name: container, cpu, memory }) => {
        const nanoseconds = cpu?.usageCoreNanoSeconds;
        const workingSetBytes = memory?.workingSetBytes;
        if (nanoseconds === undefined || workingSetBytes === undefined) return [];
        const atMs = Date.parse(cpu?.time ?? '');
        return [{ pod: podRef.name, container, workingSetBytes, cpuMs: nanoseconds / 1e6, atMs }];
      }),
    );
}

/** All containers of the cluster's namespace on these machines. */
export async function statsOf(
  cluster: Cluster,
  machines: Iterable<string>,
): Promise<ContainerStats[]> {
  const answers = [...new Set(machines)].map((machine) =>
    cluster.kubectl(['get', `--raw=/api/v1/nodes/${machine}/proxy/stats/summary`]),
  );
  const texts = await Promise.all(answers);
  return texts.flatMap((text) => containerStats(text, cluster.namespace));
}
