import { setTimeout as sleep } from 'node:timers/promises';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** How long the majority writes before the cut is healed, in milliseconds. */
const aloneMs = 4000;

/** The leader's machine is cut off from the network. */
export const machineCutOff: Scenario = {
  id: 'S10',
  holds:
    'a leader that is cut off with its machine refuses writes before another leads, and no write of the others is lost',
  cases: [{ name: 'cut off', needsTestbed: true, mayLose: 'unreplicated', play: cutOff }],
};

async function cutOff(trial: Trial): Promise<void> {
  const { leader, set, stage } = trial;
  // Somebody on the machine itself, who is cut off with the leader.
  const inside = await stage.workload.at(leader.machine);
  const near = inside.startCensus(new Map([[leader.name, `${leader.address}:${set.port}`]]), 4);
  const asked = { what: 'asking beside the leader', timeoutMs: 30_000 };
  await near.until(() => near.of('seen').find(({ accepts }) => accepts), asked);
  await trial.written('before the cut');

  const cutMs = wallClockMs();
  const heal = await trial.fault(['cut', leader.machine], ['heal', leader.machine]);
  trial.leaderLost(cutMs);
  try {
    const { atMs: acceptedMs } = await trial.succeeded(leader, cutMs);
    trial.measure('milliseconds to the first write of the others', acceptedMs - cutMs);
    await trial.written('without the cut-off leader');
    await sleep(aloneMs);
    judgeCutOff(trial, near.of('seen'), { cutMs, acceptedMs });
  } finally {
    await heal();
  }
  const successor = await stage.whole();
  await near.stop();
  trial.demand(successor.uid !== leader.uid, `${leader.name} was cut off and leads on`);
}

function judgeCutOff(
  trial: Trial,
  seen: readonly { readonly accepts: boolean; readonly atMs: number }[],
  { cutMs, acceptedMs }: { readonly cutMs: number; readonly acceptedMs: number },
): void {
  const { name } = trial.leader;
  const refused = seen.find(({ accepts, atMs }) => !accepts && atMs > cutMs);
  if (refused === undefined) {
    trial.object(`${name} took writes all the while it was cut off`);
    return;
  }
  trial.measure('milliseconds until the cut-off side refused writes', refused.atMs - cutMs);
  trial.demand(
    refused.atMs < acceptedMs,
    `${name} refused writes only ${Math.round(refused.atMs - acceptedMs)} ms after another took them`,
  );
  const again = seen.filter(({ accepts, atMs }) => accepts && atMs > refused.atMs);
  const lastMs = (again.at(-1)?.atMs ?? cutMs) - cutMs;
  trial.demand(
    again.length === 0,
    `${name} took ${again.length} writes again while it was cut off, the last ${Math.round(lastMs)} ms after the cut`,
  );
}
