import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../agent/errors.ts';
import type { Cluster } from '../../experiment/cluster.ts';
import type { SetPod } from '../../experiment/redis-set.ts';
import { say } from '../../progress.ts';
import { Laps } from './laps.ts';
import { phaseMs, type System } from './system.ts';

/**
 * Makes all systems ready for what comes next, side by side: most of it is waiting, and nothing is
 * measured meanwhile. One that does not become whole is installed anew.
 */
export async function freshenAll(cluster: Cluster, systems: readonly System[]): Promise<void> {
  const laps = new Laps();
  await Promise.all(systems.map((system) => freshen(cluster, system)));
  laps.mark('making all sets whole');
  await sleep(phaseMs);
  laps.mark('leaving them alone');
  say(`  ${laps.toString()}`);
}

async function freshen(cluster: Cluster, system: System): Promise<void> {
  try {
    await replaceWorn(cluster, system);
  } catch (error) {
    say(`  installed anew: ${messageOf(error)}`);
    await renew(system);
  }
}

/** Installs a system anew, and waits until it is whole. */
export async function renew(system: System): Promise<void> {
  await system.remove();
  await system.install();
  await system.whole();
}

/**
 * Makes sure that no container has been started anew before: its machine would wait longer each time
 * before it starts it again.
 */
async function replaceWorn(cluster: Cluster, system: System): Promise<void> {
  const primary = await system.whole();
  const worn = (await system.pods()).filter(({ restarts }) => restarts > 0);
  const isPrimary = ({ uid }: SetPod): boolean => uid === primary.uid;
  for (const pod of worn.toSorted(
    (one, other) => Number(isPrimary(one)) - Number(isPrimary(other)),
  )) {
    await cluster.kubectl(['delete', 'pod', pod.name]);
    await system.whole();
  }
}
