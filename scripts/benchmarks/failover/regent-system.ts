import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Service, V1StatefulSet } from '@kubernetes/client-node';
import { messageOf } from '../../../agent/errors.ts';
import { regent } from '../../experiment/agent-command.ts';
import { agentLog } from '../../experiment/agent-log.ts';
import type { Cluster } from '../../experiment/cluster.ts';
import { RedisSet, type SetPod } from '../../experiment/redis-set.ts';
import { outOfStep } from '../../experiment/step.ts';
import { sightings } from '../../experiment/timeline.ts';
import type { PasswordSource } from '../../experiment/workload-objects.ts';
import type { Workload } from '../../experiment/workload.ts';
import { podCount } from '../sentinel/objects.ts';
import { lookMs, wholeTimeoutMs, type Phase, type System, type Way } from './system.ts';

/** How Regent is installed. */
export interface RegentOptions {
  readonly release: string;
  readonly timing: 'fast' | 'default';
  readonly password: PasswordSource;
}

/** A release of the chart. */
export class RegentSystem implements System {
  readonly name: string;
  readonly #set: RedisSet;
  readonly #options: RegentOptions;
  readonly #workload: () => Workload;

  /** @param workload asked for when it is needed: it needs an image that the chart names */
  constructor(cluster: Cluster, options: RegentOptions, workload: () => Workload) {
    this.name = `regent ${options.timing}`;
    this.#set = new RedisSet(cluster, options.release);
    this.#options = options;
    this.#workload = workload;
  }

  get statefulSet(): string {
    return `${this.#set.name}-node`;
  }

  async install(): Promise<void> {
    const { timing, password } = this.#options;
    await this.#set.install(
      `failover.timing=${timing}`,
      `replica.replicaCount=${podCount}`,
      `auth.existingSecret=${password.name}`,
      `auth.existingSecretPasswordKey=${password.key}`,
    );
  }

  async remove(): Promise<void> {
    const { cluster, release } = this.#set;
    await cluster.helm(['uninstall', release, '--wait', '--ignore-not-found']);
    const selector = `--selector=app.kubernetes.io/instance=${release}`;
    await cluster.kubectl(['delete', 'persistentvolumeclaim', selector]);
  }

  /** The images that the chart names: of Redis, and of Node for the agent. */
  async images(): Promise<{ redis: string; node: string }> {
    const found = await this.#set.cluster.read<V1StatefulSet>('statefulset', this.statefulSet);
    const { containers = [], initContainers = [] } = found?.spec?.template.spec ?? {};
    const image = (name: string): string =>
      [...containers, ...initContainers].find((one) => one.name === name)?.image ?? '';
    return { redis: image('redis'), node: image('agent') };
  }

  async ways(): Promise<Way[]> {
    const { cluster, leaderService, port } = this.#set;
    const service = await cluster.read<V1Service>('service', leaderService);
    const host = `${service?.spec?.clusterIP ?? ''}:${port}`;
    return [{ name: 'Service', route: { kind: 'host', host } }];
  }

  pods(): Promise<SetPod[]> {
    return this.#set.pods();
  }

  whole(): Promise<SetPod> {
    return this.settled();
  }

  async settled(): Promise<SetPod> {
    const untilMs = performance.now() + wholeTimeoutMs;
    for (;;) {
      const leader = await this.#set.settled(podCount, wholeTimeoutMs);
      const difference = await this.#difference(leader);
      if (difference === null) return leader;
      if (performance.now() > untilMs) throw new Error(`${this.name} is not whole: ${difference}`);
      await sleep(lookMs);
    }
  }

  switchOver(primary: SetPod): Promise<string> {
    return regent(this.#set, primary, 'switchover');
  }

  async phases(primary: SetPod, sinceMs: number): Promise<Phase[]> {
    const pods = (await this.pods()).filter(({ containers }) => containers.has('agent'));
    const names = pods.map(({ name }) => name);
    const log = await agentLog(this.#set.cluster, names, sinceMs);
    return sightings({ killedMs: sinceMs, leader: primary.name, log });
  }

  async #difference(leader: SetPod): Promise<string | null> {
    try {
      const wrong = outOfStep(
        await this.#workload().survey(this.#set.hosts(podCount)),
        leader.name,
      );
      return wrong.length === 0 ? null : JSON.stringify(wrong);
    } catch (error) {
      return messageOf(error);
    }
  }
}
