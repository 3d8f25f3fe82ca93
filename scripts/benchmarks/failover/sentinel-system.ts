import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Service } from '@kubernetes/client-node';
import { messageOf } from '../../../agent/errors.ts';
import type { Cluster } from '../../experiment/cluster.ts';
import { setPod, type SetPod } from '../../experiment/redis-set.ts';
import { outOfStep } from '../../experiment/step.ts';
import type { Workload } from '../../experiment/workload.ts';
import {
  group,
  objectsOf,
  podCount,
  podHosts,
  ports,
  proxyName,
  selectorOf,
  type SentinelSetOptions,
} from '../sentinel/objects.ts';
import { sentinelPhases } from './sentinel-log.ts';
import { lookMs, wholeTimeoutMs, type Phase, type System, type Way } from './system.ts';

/** Three Redis and three Sentinels, as people run them. */
export class SentinelSystem implements System {
  readonly name: string;
  readonly #cluster: Cluster;
  readonly #options: SentinelSetOptions;
  readonly #workload: Workload;

  constructor(cluster: Cluster, options: SentinelSetOptions, workload: Workload) {
    this.name = `sentinel ${options.downAfterMs / 1000} s`;
    this.#cluster = cluster;
    this.#options = options;
    this.#workload = workload;
  }

  get statefulSet(): string {
    return this.#options.name;
  }

  async install(): Promise<void> {
    await this.#cluster.apply(objectsOf(this.#options));
  }

  async remove(): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objectsOf(this.#options) };
    const words = ['delete', '--ignore-not-found', '--filename=-'];
    await this.#cluster.kubectl(words, { input: JSON.stringify(list) });
    const selector = `--selector=${selectorOf(this.#options.name)}`;
    await this.#cluster.kubectl(['delete', 'persistentvolumeclaim', selector]);
  }

  async ways(): Promise<Way[]> {
    const { name } = this.#options;
    const proxy = await this.#addressOf(proxyName(name));
    const sentinels = podHosts(name).map((host) => `${host}:${ports.sentinel}`);
    return [
      { name: 'Service', route: { kind: 'host', host: `${proxy}:${ports.redis}` } },
      { name: 'Sentinel client', route: { kind: 'sentinels', sentinels, primary: group } },
    ];
  }

  async pods(): Promise<SetPod[]> {
    const selector = selectorOf(this.#options.name);
    return (await this.#cluster.api.pods(selector)).map(setPod);
  }

  settled(): Promise<SetPod> {
    return this.#awaited(() => this.#settledNow());
  }

  whole(): Promise<SetPod> {
    return this.#awaited(async () => {
      const primary = await this.#settledNow();
      return typeof primary === 'string' ? primary : ((await this.#unrest()) ?? primary);
    });
  }

  async switchOver(primary: SetPod): Promise<void> {
    const words = ['redis-cli', '-p', String(ports.sentinel), 'SENTINEL', 'FAILOVER', group];
    const exec = ['exec', primary.name, '--container=sentinel', '--', ...words];
    const answer = await this.#cluster.kubectl(exec);
    if (!answer.startsWith('OK')) throw new Error(`${this.name}: SENTINEL FAILOVER: ${answer}`);
  }

  async phases(_primary: SetPod, sinceMs: number): Promise<Phase[]> {
    const since = `--since-time=${new Date(sinceMs - 1000).toISOString()}`;
    const running = (await this.pods()).filter(({ containers }) => containers.has('sentinel'));
    const logs = running.map(({ name }) =>
      this.#cluster.kubectl(['logs', name, '--container=sentinel', since]),
    );
    return sentinelPhases(await Promise.all(logs), sinceMs);
  }

  async #awaited(look: () => Promise<SetPod | string>): Promise<SetPod> {
    const untilMs = performance.now() + wholeTimeoutMs;
    for (;;) {
      const found = await look().catch(messageOf);
      if (typeof found !== 'string') return found;
      if (performance.now() > untilMs) throw new Error(`${this.name} is not whole: ${found}`);
      await sleep(lookMs);
    }
  }

  /** The primary's pod when all Redis and all Sentinels agree on it, else what is wrong. */
  async #settledNow(): Promise<SetPod | string> {
    const pods = await this.pods();
    const ready = pods.filter(({ isReady }) => isReady);
    if (ready.length !== podCount) return `${ready.length} of ${podCount} pods are ready`;
    const [surveyed, named] = await Promise.all([
      this.#workload.survey(this.#hosts(ports.redis)),
      this.#askAll(['get-master-addr-by-name']),
    ]);
    const primary = surveyed.find(({ role }) => role === 'master')?.pod ?? '';
    const wrong = outOfStep(surveyed, primary);
    if (wrong.length > 0) return JSON.stringify(wrong);
    const other = named.find((answer) => podOf(answer) !== primary);
    if (other !== undefined) return `a Sentinel names ${other}, not ${primary}`;
    return pods.find(({ name }) => name === primary) ?? `there is no pod ${primary}`;
  }

  /** What Sentinels say against it that all is well; `null` for nothing. */
  async #unrest(): Promise<string | null> {
    const answers = await this.#askAll(['CKQUORUM', 'REPLICAS', 'SENTINELS', 'MASTER']);
    for (let first = 0; first < answers.length; first += 4) {
      const [quorum = '', ...views] = answers.slice(first, first + 4);
      if (!quorum.startsWith(`OK ${podCount} usable`)) return quorum;
      const down = views.find((view) => /_down|disconnected|failover_in_progress/.test(view));
      if (down !== undefined) return `a Sentinel sees ${down}`;
      const replicas = views[0]?.match(/,flags,slave,/g)?.length ?? 0;
      if (replicas !== podCount - 1) return `a Sentinel knows ${replicas} replicas`;
    }
    return null;
  }

  /** All answers of the first Sentinel, then all of the second, and so on. */
  #askAll(questions: readonly string[]): Promise<string[]> {
    const hosts = this.#hosts(ports.sentinel);
    const commands = [...hosts.keys()].flatMap((pod) =>
      questions.map((question) => [pod, 'SENTINEL', question, group] as const),
    );
    return this.#workload.send(hosts, commands);
  }

  /** Where each pod has that port, by its name. */
  #hosts(port: number): Map<string, string> {
    return new Map(podHosts(this.#options.name).map((host) => [podOf(host), `${host}:${port}`]));
  }

  /** The address of a Service, which stays as long as the Service. */
  async #addressOf(service: string): Promise<string> {
    const found = await this.#cluster.read<V1Service>('service', service);
    const address = found?.spec?.clusterIP;
    if (address === undefined) throw new Error(`there is no Service ${service}`);
    return address;
  }
}

/** The pod that has a DNS name. */
function podOf(host: string): string {
  return host.split('.')[0] ?? '';
}
