import { killRedisAndEmpty } from '../experiment/strike.ts';
import { lose } from './s03-leader-killed.ts';
import type { Install, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** Pods without volumes: whatever replaces one begins with nothing. */
export const volatile: Install = { values: ['master.persistence.enabled=false'] };

/** Keys that must outlive every leader that comes back with nothing. */
const keyCount = 1000;

/** A leader's Redis is back at once, with nothing. */
export const emptyLeader: Scenario = {
  id: 'S5',
  holds: 'a leader whose Redis is back at once and empty wipes nobody, and becomes a replica',
  cases: [
    {
      ...{ name: 'Redis back empty', install: volatile, mayLose: 'unreplicated' },
      play: (trial) => keepKeys(trial, lose(killRedisAndEmpty)),
    },
  ],
};

/** Asks that keys which were there for long are there afterwards, in every pod. */
export async function keepKeys(trial: Trial, play: (trial: Trial) => Promise<void>): Promise<void> {
  const { workload, set, stage } = trial;
  await workload.fill(set.leaderHost, keyCount, 100);
  // Replicas have them for certain then.
  await trial.written('after the keys');
  await stage.whole();
  await play(trial);
  await stage.whole();
  const commands = [...stage.hosts.keys()].map(
    (pod) => [pod, 'EXISTS', ...keysOf(keyCount)] as const,
  );
  const counts = (await workload.send(stage.hosts, commands)).map(Number);
  trial.demand(
    counts.every((count) => count === keyCount),
    `of ${keyCount} keys the pods have ${counts.join(', ')}`,
  );
}

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `filled:${n}`);
}
