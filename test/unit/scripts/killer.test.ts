import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { signalAll } from '../../../scripts/workload/killer.ts';

/** A process that lives until it is killed, and one that has ended. */
async function sleeperAndEnded(): Promise<{ sleeper: ChildProcess; alive: number; ended: number }> {
  const sleeper = spawn('sleep', ['60']);
  const short = spawn('true');
  await once(short, 'exit');
  return { sleeper, alive: sleeper.pid ?? 0, ended: short.pid ?? 0 };
}

test('a process that has ended since the aim keeps no other from being killed', async () => {
  const { sleeper, alive, ended } = await sleeperAndEnded();
  const end = once(sleeper, 'exit');
  expect(signalAll([ended, alive], 'SIGKILL')).toEqual([alive]);
  expect(await end).toEqual([null, 'SIGKILL']);
});

test('nothing is said to be killed when none is left', async () => {
  const { sleeper, ended } = await sleeperAndEnded();
  sleeper.kill();
  expect(() => signalAll([ended], 'SIGKILL')).toThrow(`of the processes ${ended} none is left`);
});
