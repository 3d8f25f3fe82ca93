import { setTimeout as sleep } from 'node:timers/promises';
import { regent } from '../experiment/agent-command.ts';
import { chartFolder } from '../experiment/cluster.ts';
import { gate, letGo } from './s01-bootstrap.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** How long is written to the pods that stay, in milliseconds. */
const writeMs = 2000;
/** The pod that is left comes back this late, in milliseconds. */
const lateMs = 20_000;
/** A pod has started and looked for others after this, in milliseconds. */
const pauseMs = 8000;

/**
 * The leader cannot wait longer than it has to end, and a busy machine may need as long as the usual 45 s
 * for the pod that is late.
 */
const patient = { isOwn: true, values: ['replica.terminationGracePeriodSeconds=120'] };

/** The set grows and shrinks. */
export const scale: Scenario = {
  id: 'S14',
  holds: 'the newest data lead, whichever pods are taken away, and whichever is back first',
  cases: [
    {
      ...{ name: '3, 5, then 1', install: { isOwn: true }, mostPods: 5, mayLose: 'nothing' },
      play: growAndShrink,
    },
    {
      ...{ name: 'to one that is late', install: patient, mayLose: 'nothing' },
      play: shrinkToLate,
    },
    {
      ...{ name: 'none and back', install: { isOwn: true }, mayLose: 'nothing' },
      play: endAndReturn,
    },
  ],
};

/** The leader is the last of five when one is left. */
async function growAndShrink(trial: Trial): Promise<void> {
  const { stage, set } = trial;
  await resize(trial, 5);
  await giveLead(trial, `${set.name}-node-4`);
  await trial.written('to five pods');
  await resize(trial, 1);
  const leader = await stage.whole();
  trial.demand(leader.name === `${set.name}-node-0`, `${leader.name} leads when one pod is left`);
  await trial.written('to one pod');
}

/** The leader goes away with all others, and the one that is left is to be made anew and is not scheduled. */
async function shrinkToLate(trial: Trial): Promise<void> {
  const { stage, set } = trial;
  await giveLead(trial, `${set.name}-node-2`);
  stage.podCount = 1;
  await patch(trial, { op: 'replace', path: '/spec/replicas', value: 1 }, gating);
  await sleep(lateMs);
  await letGo(trial, 0);
  await goneFrom(set, 1);
  await stage.whole();
  await trial.written('to the pod that was late');
}

/** Makes the leader of the pod of that name. */
async function giveLead(trial: Trial, name: string): Promise<void> {
  const { stage, set } = trial;
  const former = await stage.whole();
  if (former.name !== name) await regent(set, former, 'switchover', `--to=${name}`);
  const leader = await stage.whole();
  trial.demand(leader.name === name, `${leader.name} leads, and was told to hand over to ${name}`);
}

async function resize({ stage, set }: Trial, podCount: number): Promise<void> {
  stage.podCount = podCount;
  const flags = stage.values.map((value) => `--set=${value}`);
  await set.cluster.helm(['upgrade', set.release, chartFolder, ...flags]);
  const words = ['rollout', 'status', `statefulset/${set.name}-node`, '--timeout=300s'];
  await set.cluster.kubectl(words);
  await goneFrom(set, podCount);
}

/** One pod misses the last writes, and is the first to be back. */
async function endAndReturn(trial: Trial): Promise<void> {
  const { stage, set } = trial;
  await replicas(trial, 2);
  await trial.written('to the pods that stay');
  await sleep(writeMs);
  await replicas(trial, 0);
  await patch(trial, gating);
  await set.cluster.kubectl(['scale', `statefulset/${set.name}-node`, '--replicas=3']);
  for (const ordinal of [2, 0, 1]) {
    await letGo(trial, ordinal);
    await sleep(pauseMs);
  }
  const leader = await stage.whole();
  trial.demand(
    leader.name !== `${set.name}-node-2`,
    `${leader.name} leads, which was away when the last writes came`,
  );
}

/** New pods wait until they are let go. */
const gating = { op: 'add', path: '/spec/template/spec/schedulingGates', value: [{ name: gate }] };

async function patch({ set }: Trial, ...steps: readonly object[]): Promise<void> {
  const words = ['patch', 'statefulset', `${set.name}-node`, '--type=json'];
  await set.cluster.kubectl([...words, `--patch=${JSON.stringify(steps)}`]);
}

async function replicas({ set }: Trial, count: number): Promise<void> {
  await set.cluster.kubectl(['scale', `statefulset/${set.name}-node`, `--replicas=${count}`]);
  await goneFrom(set, count);
}

/** Waits until the pods from this ordinal on are gone. */
async function goneFrom(set: Trial['set'], ordinal: number): Promise<void> {
  const most = 9;
  const names = [...set.hosts(most).keys()].slice(ordinal);
  const pods = names.map((name) => `pod/${name}`);
  await set.cluster.kubectl(['wait', '--for=delete', '--timeout=180s', ...pods]);
}
