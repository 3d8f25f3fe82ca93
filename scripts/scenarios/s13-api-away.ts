import { setTimeout as sleep } from 'node:timers/promises';
import type { SetPod } from '../experiment/redis-set.ts';
import { killRedis } from '../experiment/strike.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { Case, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** How long the API server is away, in milliseconds. */
const awayMs = 60_000;
/** Longer than a lease of the default timing, so that it would have ended. */
const awayBrieflyMs = 20_000;

/** The API server goes away and comes back. */
interface Outage {
  readonly begin: readonly string[];
  readonly end: readonly string[];
}

/** It refuses connections, as one that is not running. */
const stopped: Outage = { begin: ['api-down'], end: ['api-up'] };
/** Nothing comes from it, as with a network that has failed. */
const unreachable: Outage = { begin: ['cut', 'cp'], end: ['heal', 'cp'] };

/** The API server is away. */
export const apiAway: Scenario = {
  id: 'S13',
  holds:
    'writes go on without the API server, there is never a second primary, and the same leader goes on',
  cases: [
    away('out of reach', unreachable, () => null),
    // Kubernetes itself needs a minute until it has found back to it.
    { ...away('stopped', stopped, () => null), isExtra: true },
    away('a follower dies', unreachable, (trial) => trial.follower()),
    // Writes cannot go on then, and the Redis that is back has what its disk has.
    {
      ...away('the leader dies', unreachable, ({ leader }) => Promise.resolve(leader)),
      ...{ isUnrouted: true, isPatient: false },
    },
  ],
};

function away(
  name: string,
  outage: Outage,
  victim: (trial: Trial) => Promise<SetPod> | null,
): Case {
  return {
    ...{ name, needsTestbed: true, mayLose: 'unreplicated', isPatient: true },
    together: outage.begin.join(' '),
    play: async (trial) => {
      const pod = await victim(trial);
      const isLeaderLost = pod?.uid === trial.leader.uid;
      const blow = pod === null ? null : await trial.aim(killRedis, pod);
      const lastMs = trial.stage.ground.isBrief ? awayBrieflyMs : awayMs;
      const begunMs = wallClockMs();
      let mayMove = false;
      const end = await trial.fault(outage.begin, outage.end);
      try {
        await sleep(lastMs / 3);
        const struckMs = await blow?.();
        if (isLeaderLost && struckMs !== undefined) trial.leaderLost(struckMs);
        await sleep((lastMs * 2) / 3);
        if (isLeaderLost) mayMove = await lacksWrites(trial);
        else judgeWrites(trial, begunMs);
        judgeOthers(trial, begunMs);
      } finally {
        await end();
      }
      const successor = await trial.stage.whole();
      const isSame = successor.uid === trial.leader.uid;
      trial.demand(isSame || mayMove, `${trial.leader.name} no longer leads`);
    },
  };
}

/** A leader that is back without its last writes, which the others have, must not go on. */
async function lacksWrites({ lookout, leader }: Trial): Promise<boolean> {
  const surveyed = await lookout.workload.survey(lookout.hosts);
  const own = surveyed.find(({ pod }) => pod === leader.name)?.offset ?? 0;
  return surveyed.some(({ offset }) => offset > own);
}

/** Nobody but the leader took a write while nobody could be told. */
function judgeOthers(trial: Trial, begunMs: number): void {
  const other = trial
    .seen(begunMs)
    .find(({ pod, accepts, role }) => pod !== trial.leader.name && (accepts || role === 'master'));
  trial.demand(other === undefined, `${other?.pod ?? ''} became a primary meanwhile`);
}

/** No write was refused. */
function judgeWrites(trial: Trial, begunMs: number): void {
  const [first] = trial.failures(begunMs);
  if (first === undefined) return;
  const seconds = ((first.atMs - begunMs) / 1000).toFixed(1);
  trial.object(`a write failed ${seconds} s after the API server had gone: ${first.error}`);
}
