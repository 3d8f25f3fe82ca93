import { setTimeout as sleep } from 'node:timers/promises';
import type { V1StatefulSet } from '@kubernetes/client-node';
import { regent } from '../experiment/agent-command.ts';
import type { SetPod } from '../experiment/redis-set.ts';
import { killRedis } from '../experiment/strike.ts';
import type { Case, Install, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** How long a follower misses writes before the leader is lost, in milliseconds. */
const missedMs = 3000;
/** A leader has noticed by then who streams from it. */
const noticedMs = 2000;

/** The priority of a pod that was given none. */
const usualPriority = 100;

const own: Install = { isOwn: true };

/** Who of several followers leads next. */
export const successor: Scenario = {
  id: 'S11',
  holds: 'the follower with the lowest priority number leads next, and never one that lacks writes',
  cases: [
    prefer('priority 10 wins', [100, 100, 10]),
    { ...prefer('priority 0 never wins', [100, 0, 100]), isExtra: true },
    {
      ...{ name: 'a follower lacks writes', needsTestbed: true, mayLose: 'unreplicated' },
      play: lag,
    },
  ],
};

/** The last pod leads when the first is lost, for its priority is better than that of the second. */
function prefer(name: string, priorities: readonly number[]): Case {
  return {
    ...{ name, install: own, isQuiet: true, mayLose: 'unreplicated' },
    play: async (trial) => {
      await prioritise(trial, priorities);
      await expectSuccessor(trial, priorities.length - 1);
    },
  };
}

/**
 * Gives the pods priorities, by ordinal. The chart gives all of them the same, so the workload is
 * patched from the first ordinal on, and each time only for those that follow. The first keeps the usual
 * one, so that somebody may lead all the while.
 */
async function prioritise({ set, stage }: Trial, priorities: readonly number[]): Promise<void> {
  const name = `${set.name}-node`;
  const found = await set.cluster.read<V1StatefulSet>('statefulset', name);
  const containers = found?.spec?.template.spec?.initContainers ?? [];
  const index = containers.findIndex((one) => one.name === 'agent');
  const path = `/spec/template/spec/initContainers/${index}/args`;
  const args = (containers[index]?.args ?? []).filter((arg) => !arg.startsWith('--priority='));
  for (const [ordinal, priority] of priorities.entries()) {
    if (priority === (priorities[ordinal - 1] ?? usualPriority)) continue;
    const strategy = { type: 'RollingUpdate', rollingUpdate: { partition: ordinal } };
    const patch = [
      { op: 'replace', path: '/spec/updateStrategy', value: strategy },
      { op: 'replace', path, value: [...args, `--priority=${priority}`] },
    ];
    const words = ['patch', 'statefulset', name, '--type=json', `--patch=${JSON.stringify(patch)}`];
    await set.cluster.kubectl(words);
    await set.cluster.kubectl(['rollout', 'status', `statefulset/${name}`, '--timeout=180s']);
    await stage.whole();
  }
}

/** Lets the first pod lead, loses it, and asks who leads then. */
async function expectSuccessor(trial: Trial, ordinal: number): Promise<void> {
  const { set, stage } = trial;
  const first = `${set.name}-node-0`;
  let leader = await stage.whole();
  if (leader.name !== first) {
    await regent(set, leader, 'switchover', `--to=${first}`);
    leader = await stage.whole();
  }
  await sleep(noticedMs);
  const struckMs = await trial.strike(killRedis, leader);
  trial.leaderLost(struckMs);
  const { pod } = await trial.succeeded(leader, struckMs);
  trial.demand(
    pod === `${set.name}-node-${ordinal}`,
    `${pod} leads, and not the one of best priority`,
  );
  await stage.whole();
}

/**
 * The follower that would win a tie loses the stream, and lacks what is written then. It is watched from
 * the machine of the other one.
 */
async function lag(trial: Trial): Promise<void> {
  const { set, stage, leader } = trial;
  const followers = (await set.pods())
    .filter(({ uid }) => uid !== leader.uid)
    .sort((one, other) => one.name.localeCompare(other.name));
  const [lacking, whole] = followers as [SetPod, SetPod];
  const between = [lacking.machine, leader.machine];
  const heal = await trial.fault(['cut', ...between], ['heal', ...between]);
  try {
    await trial.written('while a follower is cut from the leader');
    await sleep(missedMs);
    const struckMs = await trial.strike(killRedis);
    const { pod } = await trial.succeeded(leader, struckMs);
    trial.demand(pod === whole.name, `${pod} leads, and it lacks writes`);
  } finally {
    await heal();
  }
  await stage.whole();
}
