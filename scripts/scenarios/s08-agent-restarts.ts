import { setTimeout as sleep } from 'node:timers/promises';
import type { SetPod } from '../experiment/redis-set.ts';
import type { RecordOf } from '../experiment/session.ts';
import { killAgent } from '../experiment/strike.ts';
import type { Scenario } from './scenario.ts';
import { settleTimeoutMs } from './stage.ts';
import type { Trial } from './trial.ts';

/** Longer than any lease but the calm one's: who has not taken over by now will not. */
const watchMs = 8000;

/** An agent restarts beside a Redis that runs on. */
export const agentRestarts: Scenario = {
  id: 'S8',
  holds:
    'no Redis changes its role, no write is lost and no connection ends when an agent restarts',
  cases: [
    {
      ...{ name: "leader's agent", mayLose: 'nothing', isAlone: true, isPatient: true },
      play: (trial) => restart(trial, trial.leader),
    },
    {
      ...{ name: "follower's agent", mayLose: 'nothing', isAlone: true, isPatient: true },
      play: async (trial) => restart(trial, await trial.follower()),
    },
  ],
};

async function restart(trial: Trial, pod: SetPod): Promise<void> {
  const { set, leader, stage } = trial;
  const before = await set.pods();
  const roles = new Map(answered(trial, 0).map((seen) => [seen.pod, seen.role]));
  const blow = await killAgent(stage, pod);
  const killedMs = await blow();
  await isAgentNew(trial, pod);
  await sleep(watchMs);
  const successor = await stage.whole();
  trial.demand(successor.uid === leader.uid, `${leader.name} no longer leads`);
  const changes = answered(trial, killedMs).filter((seen) => seen.role !== roles.get(seen.pod));
  trial.demand(
    changes.length === 0,
    `${changes.length} changes of a role, the first: ${JSON.stringify(changes[0])}`,
  );
  const connections = trial.connections(0);
  trial.demand(
    connections.every((count) => count === 1),
    `the clients needed ${connections.join(' and ')} connections`,
  );
  for (const { name, containers } of before) {
    trial.demand(
      (await set.pod(name)).containers.get('redis') === containers.get('redis'),
      `the redis container of ${name} was started anew as well`,
    );
  }
}

/** What pods said since then. One that is late on a busy machine has no other role for that. */
function answered(trial: Trial, sinceMs: number): RecordOf<'seen'>[] {
  return trial.seen(sinceMs).filter(({ role }) => role !== 'unreachable');
}

async function isAgentNew({ set }: Trial, pod: SetPod): Promise<void> {
  const untilMs = performance.now() + settleTimeoutMs;
  for (;;) {
    const id = (await set.pod(pod.name)).containers.get('agent');
    if (id !== undefined && id !== pod.containers.get('agent')) return;
    if (performance.now() > untilMs)
      throw new Error(`the agent of ${pod.name} is not started anew`);
    await sleep(250);
  }
}
