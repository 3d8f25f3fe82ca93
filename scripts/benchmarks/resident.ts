import { setTimeout as sleep } from 'node:timers/promises';
import { containerId } from '../experiment/strike.ts';
import type { SetPod } from '../experiment/redis-set.ts';
import type { Workload } from '../experiment/workload.ts';
import type { Cluster } from '../experiment/cluster.ts';
import type { Used } from '../workload/record.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { Amount } from './amount.ts';
import { statsOf, type ContainerStats } from './kubelet-stats.ts';
import { requestsOfPods, type PodRequest, type RequestKind } from './request-log.ts';

/** A container whose cost is measured. */
export interface Part {
  /** What it is called in the results, such as `regent, leader`. */
  readonly subject: string;
  readonly pod: SetPod;
  readonly container: string;
  /** It talks to the API server. */
  readonly isAgent?: boolean;
  /** Its first process has others that do the work: what that one uses tells little. */
  readonly isGroup?: boolean;
}

/** What a part is, and what it did in one span of time. */
export interface Cost {
  readonly part: Part;
  readonly amounts: readonly Amount[];
}

/** Where parts run. */
export interface Grounds {
  readonly cluster: Cluster;
  /** It is prepared for kills on the machines of all parts. */
  readonly workload: Workload;
  /** The cluster is that of scripts/cluster, which writes down who asks the API server. */
  readonly isTestbed: boolean;
}

/** One look at all parts. */
interface Look {
  readonly used: ReadonlyMap<string, Used>;
  readonly stats: readonly ContainerStats[];
}

const mebibyte = 1 << 20;
const requestKinds: readonly [kind: RequestKind, measure: string][] = [
  ['read', 'reads of the API server'],
  ['watch', 'watches begun at the API server'],
  ['write', 'writes to the API server'],
];

/** Looks at parts at the beginning and at the end of a span. */
export async function costsOf(
  grounds: Grounds,
  parts: readonly Part[],
  spanMs: number,
): Promise<Cost[]> {
  const { namespace } = grounds.cluster;
  const before = await lookAt(grounds, parts);
  const sinceMs = wallClockMs();
  await sleep(spanMs);
  const passedMs = wallClockMs() - sinceMs;
  const after = await lookAt(grounds, parts);
  const requests = grounds.isTestbed ? await requestsOfPods(namespace, sinceMs) : null;
  const within = requests?.filter((one) => one.atMs < sinceMs + passedMs);
  return parts.map((part) => {
    const own = within?.filter((one) => one.namespace === namespace && one.pod === part.pod.name);
    const asked = part.isAgent === true && own !== undefined ? requestAmounts(own, passedMs) : [];
    return { part, amounts: [...amountsOf(part, before, after), ...asked] };
  });
}

async function lookAt({ cluster, workload }: Grounds, parts: readonly Part[]): Promise<Look> {
  const machines = [...Map.groupBy(parts, ({ pod }) => pod.machine)];
  const used = await Promise.all(
    machines.map(([machine, own]) => workload.usage(machine, own.map(idOf))),
  );
  const stats = await statsOf(
    cluster,
    machines.map(([machine]) => machine),
  );
  return { used: new Map(used.flat().map((one) => [one.container, one])), stats };
}

function amountsOf(part: Part, before: Look, after: Look): Amount[] {
  const [first, last] = [usedBy(part, before), usedBy(part, after)];
  const [start, end] = [statsFor(part, before), statsFor(part, after)];
  const cpu = (100 * (last.cpuMs - first.cpuMs)) / (last.atMs - first.atMs);
  const ofContainer = [
    memory('working set of the container', end?.workingSetBytes ?? null),
    { measure: 'CPU of the container', unit: '% of a core', value: containerCpu(start, end) },
  ];
  if (part.isGroup === true) return ofContainer;
  return [
    memory('RSS', last.rssBytes),
    memory('anonymous memory', last.anonymousBytes),
    memory('proportional set (PSS)', last.proportionalBytes),
    { measure: 'CPU of the process', unit: '% of a core', value: cpu },
    ...ofContainer,
  ];
}

function memory(measure: string, bytes: number | null): Amount {
  return { measure, unit: 'MiB', value: bytes === null ? null : bytes / mebibyte };
}

/** In % of a core; `null` when kubelet has not looked twice. */
function containerCpu(start?: ContainerStats, end?: ContainerStats): number | null {
  if (start === undefined || end === undefined || start.atMs === end.atMs) return null;
  return (100 * (end.cpuMs - start.cpuMs)) / (end.atMs - start.atMs);
}

function usedBy(part: Part, look: Look): Used {
  const used = look.used.get(idOf(part));
  if (used === undefined) throw new Error(`${part.pod.name} told nothing of ${part.container}`);
  return used;
}

function statsFor({ pod, container }: Part, { stats }: Look): ContainerStats | undefined {
  return stats.find((one) => one.pod === pod.name && one.container === container);
}

function idOf({ pod, container }: Part): string {
  return containerId(pod, container);
}

function requestAmounts(requests: readonly PodRequest[], passedMs: number): Amount[] {
  return requestKinds.map(([kind, measure]) => {
    const count = requests.filter((one) => one.kind === kind).length;
    return { measure, unit: '1/s', value: (count * 1000) / passedMs };
  });
}
