import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { signalAll } from '../../../scripts/workload/killer.ts';

async function endedProcess(): Promise<number> {
  const process = spawn('true');
  await once(process, 'exit');
  return process.pid ?? 0;
}

test('a process that has ended since the aim keeps no other from being killed', async () => {
  const sleeper = spawn('sleep', ['60']);
  const alive = sleeper.pid ?? 0;
  const end = once(sleeper, 'exit');
  expect(signalAll([await endedProcess(), alive], 'SIGKILL')).toEqual([alive]);
  expect(await end).toEqual([null, 'SIGKILL']);
});

test('nothing is said to be killed when none is left', async () => {
  const ended = await endedProcess();
  expect(() => signalAll([ended], 'SIGKILL')).toThrow(`of the processes ${ended} none is left`);
});
