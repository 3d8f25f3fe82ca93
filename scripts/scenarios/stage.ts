import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Service } from '@kubernetes/client-node';
import { messageOf } from '../../agent/errors.ts';
import { Cluster, type ClusterChoice } from '../experiment/cluster.ts';
import { RedisSet, type SetPod } from '../experiment/redis-set.ts';
import { replaceWorn } from '../experiment/replace-worn.ts';
import { outOfStep } from '../experiment/step.ts';
import { Workload } from '../experiment/workload.ts';
import type { Install } from './scenario.ts';

/** A set that has not settled by now never will. */
export const settleTimeoutMs = 180_000;
/** Pods of a set when a case says nothing else. */
const podCountDefault = 3;
/** How long a set that is settled may take until all replicas are in step. */
const stepTimeoutMs = 60_000;
const lookMs = 200;
/** The timing profile that sets are installed with. */
export const profiles = ['default', 'fast', 'calm'] as const;
/** One of `profiles`. */
export type Profile = (typeof profiles)[number];

/** Where sets are installed, and how. */
export interface Ground {
  readonly choice: ClusterChoice;
  readonly profile: Profile;
  /** The cluster is that of scripts/cluster. */
  readonly isTestbed: boolean;
  /** Shortens what lasts long: outages above all. */
  readonly isBrief: boolean;
  /** How long the soak goes on, in milliseconds. */
  readonly soakMs: number;
}

/** From where a set is watched. */
export interface Lookout {
  readonly workload: Workload;
  /** Where the leader Service is. */
  readonly leaderHost: string;
  /** Where each pod is, by its name. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** An installed set with a workload, in a namespace of its own. */
export class Stage {
  readonly ground: Ground;
  readonly install: Install;
  readonly set: RedisSet;
  /** Set by `open`. */
  workload: Workload;
  /** How many pods the set has now. Cases that scale change it. */
  podCount: number;

  /** Installs nothing yet: whoever has it can `close` it, whatever becomes of `open`. */
  constructor(ground: Ground, install: Install, namespace: string) {
    this.ground = ground;
    this.install = install;
    this.set = new RedisSet(new Cluster(ground.choice, namespace), 'it', install);
    this.podCount = install.podCount ?? podCountDefault;
    this.workload = new Workload(this.set.cluster, {
      ...{ image: '', password: { name: this.set.name, key: 'redis-password' }, tlsSecret: null },
    });
  }

  /** Installs the chart of the checkout in a new namespace. */
  async open(): Promise<void> {
    const { cluster } = this.set;
    await cluster.kubectl(['delete', 'namespace', cluster.namespace, '--ignore-not-found']);
    await cluster.createNamespace();
    await this.set.install(...this.values);
    this.workload = new Workload(cluster, await this.set.workloadOptions());
    await this.workload.install();
    if (this.install.isHeldBack !== true) await this.ready();
  }

  /** The values that it is installed with. */
  get values(): readonly string[] {
    const { install, ground } = this;
    return [
      `failover.timing=${ground.profile}`,
      `replica.replicaCount=${this.podCount}`,
      ...(install.values ?? []),
    ];
  }

  /** DNS names of all pods by their names. */
  get hosts(): Map<string, string> {
    return this.set.hosts(this.podCount);
  }

  /** Makes a set fresh for the next run: whole, and without pods that were restarted often. */
  async ready(): Promise<void> {
    await this.settled();
    await replaceWorn(this.set, this.podCount, settleTimeoutMs);
    await this.workload.prepareKills((await this.set.pods()).map(({ machine }) => machine));
  }

  /** Waits until all pods are ready and one leads. Resolves with the leader. */
  settled(): Promise<SetPod> {
    return this.set.settled(this.podCount, settleTimeoutMs);
  }

  /**
   * Waits for exactly one primary with all others in step with it, and Lease and leader Service that
   * say so too.
   *
   * @returns the leader's pod
   */
  async whole(): Promise<SetPod> {
    const untilMs = performance.now() + settleTimeoutMs + stepTimeoutMs;
    for (;;) {
      const leader = await this.settled();
      const difference = await this.#difference(leader);
      if (difference === null) return leader;
      if (performance.now() > untilMs) throw new Error(`no whole set: ${difference}`);
      await sleep(lookMs);
    }
  }

  /**
   * A place to watch the set from that needs neither the API server nor the leader's machine: that of
   * the last follower.
   */
  async lookout(leader: SetPod): Promise<Lookout> {
    const { cluster, leaderService, port } = this.set;
    const pods = await this.set.pods();
    const service = await cluster.read<V1Service>('service', leaderService);
    const away = pods.findLast(({ machine }) => machine !== leader.machine);
    if (away === undefined) throw new Error(`all pods are on the machine ${leader.machine}`);
    return {
      workload: await this.workload.at(away.machine),
      leaderHost: `${service?.spec?.clusterIP ?? ''}:${port}`,
      hosts: new Map(pods.map(({ name, address }) => [name, `${address}:${port}`])),
    };
  }

  /** Removes it. */
  async close(): Promise<void> {
    const { cluster } = this.set;
    const words = ['delete', 'namespace', cluster.namespace, '--wait=false'];
    await cluster.kubectl([...words, '--ignore-not-found']);
  }

  async #difference(leader: SetPod): Promise<string | null> {
    try {
      const surveyed = await this.workload.survey(this.hosts);
      const wrong = outOfStep(surveyed, leader.name);
      return wrong.length === 0 ? null : `${leader.name} leads, and ${JSON.stringify(wrong)}`;
    } catch (error) {
      return messageOf(error);
    }
  }
}
