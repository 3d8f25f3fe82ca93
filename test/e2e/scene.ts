import { expect } from '@jest/globals';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../agent/errors.ts';
import { cache } from '../../scripts/environment.ts';
import { Cluster } from '../../scripts/experiment/cluster.ts';
import { keepEvidence } from '../../scripts/experiment/evidence.ts';
import { RedisSet, type SetPod } from '../../scripts/experiment/redis-set.ts';
import type { Session } from '../../scripts/experiment/session.ts';
import type { Striker } from '../../scripts/experiment/strike.ts';
import { Workload } from '../../scripts/experiment/workload.ts';

/** Pods of each set. */
export const podCount = 3;
/** How often each fault is tried. */
export const times = Number(process.env['REGENT_E2E_TIMES'] ?? '3');
/** For jest: a whole scenario, installation and all. */
export const scenarioTimeoutMs = 15 * 60_000;
/** A set that has not settled by now never will. */
const settleTimeoutMs = 180_000;
/** Between two questions to a pod. */
const censusPeriodMs = 10;

/** A set in a namespace of its own, with a workload, and with somebody who watches all pods. */
export interface Scene extends Striker {
  /** Asks every pod for its role and for a write, all the time. */
  readonly census: Session;
  /** Waits until all is well again. Resolves with the leader. */
  readonly settled: () => Promise<SetPod>;
}

/** How a scene is set. */
export interface SceneOptions {
  /** Names the namespace. */
  readonly name: string;
  /** Values of the chart, as for `helm --set`. */
  readonly values?: readonly string[];
  /** Returns before the pods run; the scenario starts them. */
  readonly isHeldBack?: boolean;
}

/**
 * Installs the chart of the checkout in a new namespace, lets `play` do its worst, and asks for what
 * must always hold: no two pods took writes at the same time. Keeps what there is to read when it
 * fails.
 */
export async function onScene(
  options: SceneOptions,
  play: (scene: Scene) => Promise<void>,
): Promise<void> {
  const set = new RedisSet(new Cluster(kubeconfig(), `e2e-${options.name}`), 'it');
  const { cluster } = set;
  await cluster.kubectl(['delete', 'namespace', cluster.namespace, '--ignore-not-found']);
  await cluster.createNamespace();
  try {
    await set.install(...(options.values ?? []));
    const workload = new Workload(cluster, await set.workloadOptions());
    const settled = (): Promise<SetPod> => set.settled(podCount, settleTimeoutMs);
    await workload.install();
    if (options.isHeldBack !== true) await workload.prepareKills(await machinesOf(set, settled));
    const census = workload.startCensus(set.hosts(podCount), censusPeriodMs);
    await play({ set, workload, census, settled });
    await census.stop();
    expect(census.of('two-writers')).toEqual([]);
    expect(new Set(census.of('seen').map(({ pod }) => pod)).size).toBe(podCount);
  } catch (error) {
    throw new Error(await explained(error, set, options.name), { cause: error });
  } finally {
    await cluster.kubectl(['delete', 'namespace', cluster.namespace, '--wait=false']);
  }
}

/** Exactly one primary, and all others in step with it; Lease and leader Service say so too. */
export async function expectOneWholeSet({ set, workload, settled }: Scene): Promise<SetPod> {
  const leader = await settled();
  const surveyed = await workload.survey(set.hosts(podCount));
  const seen = surveyed.map(({ pod, role, link }) => ({ pod, role, link }));
  const expected = [...set.hosts(podCount).keys()].map((pod) =>
    pod === leader.name ? { pod, role: 'master', link: null } : { pod, role: 'slave', link: 'up' },
  );
  expect(seen).toEqual(expected);
  return leader;
}

/** Tells a result that is no assertion, such as a time, and keeps it. */
export async function tell(scenario: string, result: object): Promise<void> {
  const line = JSON.stringify({ scenario, ...result });
  process.stdout.write(`${line}\n`);
  await mkdir(join(cache, 'evidence'), { recursive: true });
  await appendFile(join(cache, 'evidence', 'e2e.jsonl'), `${line}\n`);
}

async function machinesOf(set: RedisSet, settled: () => Promise<SetPod>): Promise<string[]> {
  await settled();
  return (await set.pods()).map(({ machine }) => machine);
}

function kubeconfig(): { kubeconfig: string; context: null } {
  const file = process.env['KUBECONFIG'] ?? '';
  if (file === '') throw new Error('KUBECONFIG is not set; scripts/test sets it for these tests');
  return { kubeconfig: file, context: null };
}

async function explained(error: unknown, set: RedisSet, name: string): Promise<string> {
  const folder = await keepEvidence(set, `e2e-${name}`);
  const pods = await set.cluster.kubectl(['get', 'pods,leases,endpointslices', '--output=wide']);
  return `${messageOf(error)}\n\n${pods}\nThe logs and more are in ${folder}`;
}
