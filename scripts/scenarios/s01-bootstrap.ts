import { setTimeout as sleep } from 'node:timers/promises';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** Keeps pods from being put on a machine until the scenario says so. */
export const gate = 'acceptance.regent.dev/held-back';
/** Values that hold all pods back. */
const heldBackValues: readonly string[] = [`replica.extraPodSpec.schedulingGates[0].name=${gate}`];
/** A pod has started and looked for others after this, in milliseconds. */
const pauseMs = 8000;

const install = { values: heldBackValues, isOwn: true, isHeldBack: true };

/** A set comes to be. */
export const bootstrap: Scenario = {
  id: 'S1',
  holds: 'pods that start together or one by one become one set with one primary',
  cases: [
    {
      ...{ name: 'all at once', install, mayLose: 'nothing' },
      play: (trial) => begin(trial, [0, 1, 2], 0),
    },
    {
      ...{ name: 'one by one', install, mayLose: 'nothing' },
      play: (trial) => begin(trial, [2, 0, 1], pauseMs),
    },
  ],
};

/** Lets a pod that is held back go, as soon as its StatefulSet has made it. */
export async function letGo({ set }: Trial, ordinal: number): Promise<void> {
  const name = `${set.name}-node-${ordinal}`;
  await set.cluster.kubectl(['wait', '--for=create', '--timeout=60s', `pod/${name}`]);
  const patch = '[{"op": "remove", "path": "/spec/schedulingGates"}]';
  await set.cluster.kubectl(['patch', 'pod', name, '--type=json', `--patch=${patch}`]);
}

async function begin(trial: Trial, ordinals: readonly number[], betweenMs: number): Promise<void> {
  const begunMs = wallClockMs();
  for (const ordinal of ordinals) {
    await letGo(trial, ordinal);
    await sleep(betweenMs);
  }
  const first = await trial.census.until(() => trial.seen(0).find(({ accepts }) => accepts), {
    ...{ what: 'the first write of a new set', timeoutMs: 120_000 },
  });
  trial.measure('milliseconds from the first pod to the first write', first.atMs - begunMs);
  const leader = await trial.stage.whole();
  await trial.written('to a new set');
  // Nobody has led before: the one that came to lead is the only one that ever took a write.
  const took = new Set(trial.seen(0).flatMap(({ accepts, pod }) => (accepts ? [pod] : [])));
  trial.demand(
    took.size === 1 && took.has(leader.name),
    `${leader.name} leads, and writes were taken by ${[...took].join(', ')}`,
  );
}
