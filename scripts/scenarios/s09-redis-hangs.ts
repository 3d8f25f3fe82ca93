import { setTimeout as sleep } from 'node:timers/promises';
import { containerId, killRedis } from '../experiment/strike.ts';
import { lose } from './s03-leader-killed.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** How long Redis stands still, in milliseconds. */
const hangMs = 10_000;
/** A client of these times waits for the answer until Redis goes on. */
const patientTimeoutMs = 60_000;
/** It writes so seldom that its next write comes when Redis already stands still. */
const patientPeriodMs = 1000;
/**
 * Until a stop has surely taken hold. What Redis has begun by then, be it that it only knows that
 * there is something to read, it goes on with first, and answers: nobody can take that back.
 */
const stopMs = 100;

/** A leader's Redis hangs, or dies alone. */
export const redisHangs: Scenario = {
  id: 'S9',
  holds:
    'another pod leads when the Redis of the leader hangs or dies beside a living agent, and one that goes on takes no write',
  cases: [
    { name: 'Redis hangs', mayLose: 'unreplicated', play: hang },
    { name: 'Redis dies', mayLose: 'unreplicated', play: lose(killRedis) },
  ],
};

async function hang(trial: Trial): Promise<void> {
  const { leader, workload, set, stage } = trial;
  const ids = [containerId(leader, 'redis')];
  const signals = ['SIGSTOP', 'SIGCONT'] as const;
  const signal = await workload.aim(leader.machine, ids, { signals });
  const hosts = new Map([[leader.name, set.host(leader.name)]]);
  const patient = workload.startCensus(hosts, patientPeriodMs, patientTimeoutMs);
  await patient.until(() => patient.of('seen')[0], { what: 'asking', timeoutMs: 30_000 });

  const stopped = await signal();
  trial.leaderLost(stopped.atMs);
  const { atMs: acceptedMs } = await trial.succeeded(leader, stopped.atMs);
  trial.measure('milliseconds to the first write at a pod', acceptedMs - stopped.atMs);
  await sleep(Math.max(0, hangMs - (acceptedMs - stopped.atMs)));
  const { atMs: resumedMs } = await signal();
  const successor = await stage.whole();
  trial.demand(successor.uid !== leader.uid, `${leader.name} hung and leads on`);
  await patient.stop();
  const answered = patient.of('gap').filter(({ atMs }) => atMs > resumedMs);
  const queued = answered.filter(({ sentMs }) => sentMs > stopped.doneMs + stopMs);
  const late = trial.seen(resumedMs).filter(({ pod, accepts }) => pod === leader.name && accepts);
  trial.demand(late.length === 0, `${leader.name} took a new write after it went on`);
  trial.demand(queued.length === 0, `${leader.name} took a write that was queued while it hung`);
}
