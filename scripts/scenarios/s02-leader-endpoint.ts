import { setTimeout as sleep } from 'node:timers/promises';
import { killRedis } from '../experiment/strike.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

const clientCount = 40;
/** Connections that were closed are forgotten by then. */
const forgottenMs = 5000;
/** Probes, agents and this scenario's own clients come and go. */
const comingAndGoing = 4;

/** What applications reach through the two Services. */
export const leaderEndpoint: Scenario = {
  id: 'S2',
  holds:
    'all clients of the leader Service reach the primary, and those of the read Service a replica in step',
  cases: [
    { name: '40 clients', mayLose: 'nothing', play: crowd },
    { name: 'reads', mayLose: 'unreplicated', play: read },
  ],
};

async function crowd(trial: Trial): Promise<void> {
  const { workload, set, leader } = trial;
  const before = await connectionCount(trial);
  const { roles } = await workload.crowd(set.leaderHost, clientCount);
  trial.demand(
    roles['master'] === clientCount,
    `of ${clientCount} clients not all met a primary: ${JSON.stringify(roles)}`,
  );
  await sleep(forgottenMs);
  const after = await connectionCount(trial);
  trial.demand(
    after <= before + comingAndGoing,
    `${leader.name} had ${before} connections before ${clientCount} clients came, and ${after} after they left`,
  );
}

/**
 * Who reads is answered by replicas in step only, also while one of them is lost. For a moment new
 * connections may still be led to it, because the rules of a machine lag behind: it refuses them then.
 */
async function read(trial: Trial): Promise<void> {
  const { workload, set, stage } = trial;
  const readers = workload.startRoles(set.readHost, 20);
  const met = (): true | undefined =>
    readers.of('answered').some(({ role }) => role === 'slave') ? true : undefined;
  await readers.until(met, { what: 'reading from a replica', timeoutMs: 30_000 });
  await trial.strike(killRedis, await trial.follower());
  await stage.whole();
  await sleep(2000);
  await readers.stop();
  const wrong = readers
    .of('answered')
    .filter(({ role, link, reads }) => role === 'master' || (reads && link !== 'connected'));
  trial.demand(
    wrong.length === 0,
    `${wrong.length} times what is no replica in step answered at the read Service: ${JSON.stringify(wrong[0])}`,
  );
}

async function connectionCount({ workload, stage, leader }: Trial): Promise<number> {
  const [info = ''] = await workload.send(stage.hosts, [[leader.name, 'INFO', 'clients']]);
  return Number(/^connected_clients:(\d+)/m.exec(info)?.[1]);
}
