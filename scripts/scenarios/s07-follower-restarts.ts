import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordOf } from '../experiment/session.ts';
import { killRedis, killRedisAndEmpty, type Strike } from '../experiment/strike.ts';
import { Watch } from '../experiment/watch.ts';
import { volatile } from './s05-empty-leader.ts';
import type { Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** A data set that takes a moment to load and to send. */
const keyCount = 200_000;
const valueBytes = 300;
const ready = '.status.conditions[?(@.type=="Ready")].status';
/** Until a change of readiness has reached a watch. */
const newsMs = 3000;

/** A follower's Redis restarts alone. */
export const followerRestarts: Scenario = {
  id: 'S7',
  holds:
    'a follower whose Redis restarts is a replica again, never a primary, and ready only when in step',
  cases: [
    { name: 'with its data', mayLose: 'nothing', play: (trial) => loseFollower(trial, killRedis) },
    {
      ...{ name: 'empty', install: volatile, mayLose: 'nothing' },
      play: (trial) => loseFollower(trial, killRedisAndEmpty),
    },
  ],
};

async function loseFollower(trial: Trial, strike: Strike): Promise<void> {
  const { set, workload, stage, leader, census } = trial;
  const follower = await trial.follower();
  await workload.fill(set.leaderHost, keyCount, valueBytes);
  await stage.whole();
  const readiness = new Watch(set.cluster, 'pod', follower.name, ready);
  await readiness.begun();
  const struckMs = await trial.strike(strike, follower);

  const seen = (): RecordOf<'seen'>[] =>
    trial.seen(struckMs).filter(({ pod }) => pod === follower.name);
  const away = (): RecordOf<'seen'> | undefined => seen().find(({ link }) => link !== 'connected');
  await census.until(away, { what: `${follower.name} is away`, timeoutMs: 30_000 });
  const back = await census.until(
    () => seen().find(({ link, atMs }) => link === 'connected' && atMs > (away()?.atMs ?? 0)),
    { what: `${follower.name} is a replica again`, timeoutMs: 120_000 },
  );
  trial.measure('milliseconds until in step', back.atMs - struckMs);
  const successor = await stage.whole();
  await sleep(newsMs);
  await readiness.stop();
  trial.demand(successor.uid === leader.uid, 'the lead has moved');
  trial.demand(
    seen().every(({ accepts, role }) => !accepts && role !== 'master'),
    `${follower.name} was writable or a primary`,
  );
  const changes = readiness.changes.filter(({ atMs }) => atMs >= struckMs);
  // It was not in step yet when that question left.
  const early = changes.find(({ value, atMs }) => value === 'True' && atMs < back.afterMs);
  trial.demand(changes[0]?.value === 'False', `${follower.name} stayed ready all the while`);
  trial.demand(early === undefined, `${follower.name} was ready before it was in step`);
  // The next run would load and send all that too.
  await workload.clear(set.leaderHost, keyCount);
}
