import { regent } from '../experiment/agent-command.ts';
import { chartFolder } from '../experiment/cluster.ts';
import type { Case, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** A change that somebody makes on purpose. Resolves when it is done. */
type Change = (trial: Trial) => Promise<unknown>;

/** Somebody moves the lead, or pods, on purpose. */
export const plannedChange: Scenario = {
  id: 'S4',
  holds: 'no acknowledged write is lost when pods end in good order',
  cases: [
    planned('switchover', (trial) => regent(trial.set, trial.leader, 'switchover')),
    planned('leader pod deleted', ({ set, leader }) =>
      set.cluster.kubectl(['delete', 'pod', leader.name]),
    ),
    {
      ...planned('rollout restart', async (trial) => {
        await trial.set.cluster.kubectl(['rollout', 'restart', workloadOf(trial)]);
        await rolledOut(trial);
      }),
      // The upgrade replaces the pods in the same way.
      isExtra: true,
    },
    planned('helm upgrade', upgrade),
    // Pods of other sets find no room on the machine meanwhile.
    { ...planned('machine drained', drain), isAlone: true },
  ],
};

function planned(name: string, change: Change): Case {
  return {
    ...{ name, mayLose: 'nothing' },
    play: async (trial) => {
      await change(trial);
      const successor = await trial.stage.whole();
      trial.demand(successor.uid !== trial.leader.uid, `${trial.leader.name} leads on`);
    },
  };
}

/** Changes a value that reaches redis.conf, so that every pod is replaced; each time another one. */
async function upgrade(trial: Trial): Promise<void> {
  const { set, stage } = trial;
  const keepaliveSeconds = 200 + (Date.now() % 1000);
  const configuration = `master.configuration=tcp-keepalive ${keepaliveSeconds}`;
  const flags = [...stage.values, configuration].map((value) => `--set=${value}`);
  await set.cluster.helm(['upgrade', set.release, chartFolder, ...flags]);
  await rolledOut(trial);
}

/** Empties the leader's machine, and opens it again: its pod has its volume there. */
async function drain({ set, leader }: Trial): Promise<void> {
  const { machine } = leader;
  const selector = `--pod-selector=app.kubernetes.io/instance=${set.release},app.kubernetes.io/component=node`;
  const words = ['--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'];
  try {
    await set.cluster.kubectl(['drain', machine, selector, ...words]);
  } finally {
    await set.cluster.kubectl(['uncordon', machine]);
  }
}

async function rolledOut(trial: Trial): Promise<void> {
  const words = ['rollout', 'status', workloadOf(trial), '--timeout=300s'];
  await trial.set.cluster.kubectl(words);
}

function workloadOf({ set }: Trial): string {
  return `statefulset/${set.name}-node`;
}
