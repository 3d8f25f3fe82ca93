import { setTimeout as sleep } from 'node:timers/promises';
import type { V1ContainerStatus, V1Pod, V1PodStatus, V1StatefulSet } from '@kubernetes/client-node';
import { chartFolder, type Cluster } from './cluster.ts';
import type { WorkloadOptions } from './workload.ts';

/** One pod of a set, as far as an experiment asks. */
export interface SetPod {
  readonly name: string;
  readonly uid: string;
  readonly address: string;
  readonly machine: string;
  readonly isReady: boolean;
  /** Ids of the containers that run, by name. */
  readonly containers: ReadonlyMap<string, string>;
  /** How often that container was started again which was so most often. */
  readonly restarts: number;
}

/** Where the lead is: three answers that are one when nothing changes. */
export interface Lead {
  /** Name of the pod that holds the Lease. */
  readonly holder: string | null;
  /** Uid of that pod. */
  readonly holderUid: string | null;
  /** Address that the leader Service leads to. */
  readonly target: string | null;
}

/** Pods and lead, as they were at one time. */
export interface Look {
  readonly pods: readonly SetPod[];
  readonly lead: Lead;
}

/** How often a set that has to settle is looked at, in milliseconds. */
const lookMs = 400;

/** The port that Redis has everywhere. */
const redisPort = 6379;

/** A release of the chart, seen from outside. */
export class RedisSet {
  readonly cluster: Cluster;
  readonly release: string;
  /** Port of Redis, and of the Services. */
  readonly port: number;
  /** Its connections are encrypted. */
  readonly isTls: boolean;

  constructor(cluster: Cluster, release: string, { port = redisPort, isTls = false } = {}) {
    this.cluster = cluster;
    this.release = release;
    this.port = port;
    this.isTls = isTls;
  }

  /** Name of the set, and the beginning of the names of its objects. */
  get name(): string {
    return `${this.release}-redis`;
  }

  /** The Service that applications write to. */
  get leaderService(): string {
    return `${this.name}-master`;
  }

  /** Where applications write to. */
  get leaderHost(): string {
    return `${this.leaderService}${this.#suffix}`;
  }

  /** Where applications read from. */
  get readHost(): string {
    return `${this.name}-replicas${this.#suffix}`;
  }

  get leaseName(): string {
    return `${this.name}-leader`;
  }

  get sliceName(): string {
    return `${this.leaderService}-regent`;
  }

  /** The DNS name of one pod, from inside its namespace, with its port if that is not Redis' own. */
  host(pod: string): string {
    // A wildcard of a certificate is good for longer names only.
    const domain = this.isTls ? `.${this.cluster.namespace}.svc` : '';
    return `${pod}.${this.name}-headless${domain}${this.#suffix}`;
  }

  get #suffix(): string {
    return this.port === redisPort ? '' : `:${this.port}`;
  }

  /** The DNS names of the first `count` pods by their names. */
  hosts(count: number): Map<string, string> {
    const names = Array.from({ length: count }, (_, ordinal) => `${this.name}-node-${ordinal}`);
    return new Map(names.map((name) => [name, this.host(name)]));
  }

  /** Installs the chart of the checkout, or changes the release to it. Waits for nothing. */
  async install(...settings: readonly string[]): Promise<void> {
    const flags = settings.map((setting) => `--set=${setting}`);
    await this.cluster.helm(['upgrade', '--install', this.release, chartFolder, ...flags]);
  }

  /** What a workload needs to know of this set. */
  async workloadOptions(): Promise<WorkloadOptions> {
    const name = `${this.name}-node`;
    const found = await this.cluster.read<V1StatefulSet>('statefulset', name);
    const containers = found?.spec?.template.spec?.initContainers ?? [];
    const image = containers.find((container) => container.name === 'agent')?.image;
    if (image === undefined) throw new Error(`StatefulSet ${name} has no agent`);
    const tlsSecret = this.isTls ? `${this.name}-crt` : null;
    return { image, password: { name: this.name, key: 'redis-password' }, tlsSecret };
  }

  async pods(): Promise<SetPod[]> {
    const labels = `app.kubernetes.io/instance=${this.release},app.kubernetes.io/component=node`;
    return (await this.cluster.api.pods(labels)).map(setPod);
  }

  /** One pod by its name. */
  async pod(name: string): Promise<SetPod> {
    const pod = (await this.pods()).find((one) => one.name === name);
    if (pod === undefined) throw new Error(`there is no pod ${name}`);
    return pod;
  }

  /** Pods and lead, asked for at the same time. */
  async look(): Promise<Look> {
    const { api } = this.cluster;
    const [pods, lease, slice] = await Promise.all([
      this.pods(),
      api.lease(this.leaseName),
      api.slice(this.sliceName),
    ]);
    const [holder = null, holderUid = null] = lease?.spec?.holderIdentity?.split('/') ?? [];
    const target = slice?.endpoints?.[0]?.addresses[0] ?? null;
    return { pods, lead: { holder, holderUid, target } };
  }

  /**
   * Waits until all pods are ready and Lease and leader Service name the same one of them.
   *
   * @returns the leader's pod
   */
  async settled(podCount: number, timeoutMs: number): Promise<SetPod> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const { pods, lead } = await this.look();
      const leader = pods.find(({ uid }) => uid === lead.holderUid);
      const ready = pods.filter(({ isReady }) => isReady).length;
      if (ready === podCount && leader !== undefined && leader.address === lead.target) {
        return leader;
      }
      if (performance.now() > untilMs) {
        const seen = `${ready} of ${podCount} pods are ready, and the lead is ${JSON.stringify(lead)}`;
        throw new Error(`${this.name} has not settled within ${timeoutMs} ms: ${seen}`);
      }
      await sleep(lookMs);
    }
  }
}

/** What an experiment asks of a pod. */
export function setPod({ metadata, spec, status }: V1Pod): SetPod {
  const { name = '', uid = '', deletionTimestamp } = metadata ?? {};
  const { conditions = [], podIP: address = '' } = status ?? {};
  const isReady = conditions.some((one) => one.type === 'Ready' && one.status === 'True');
  const statuses = containerStatuses(status);
  const running = statuses.filter(({ state }) => state?.running !== undefined);
  return {
    ...{ name, uid, address },
    machine: spec?.nodeName ?? '',
    isReady: isReady && deletionTimestamp === undefined,
    containers: new Map(running.map((container) => [container.name, idOf(container)])),
    restarts: Math.max(0, ...statuses.map(({ restartCount }) => restartCount)),
  };
}

function containerStatuses(status: V1PodStatus | undefined): V1ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** The id without the name of the container runtime before it. */
function idOf({ containerID }: V1ContainerStatus): string {
  return containerID?.split('//')[1] ?? '';
}
