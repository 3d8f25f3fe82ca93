import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { aimed } from '../../../scripts/experiment/killing.ts';
import { Session } from '../../../scripts/experiment/session.ts';
import type { SignalName } from '../../../scripts/workload/killer.ts';

const clock = `echo '{"kind":"clock","atMs":0}'`;
const killed = (atMs: number): string => `echo '{"kind":"killed","atMs":${atMs}}'`;
/** Kills once for each line, at 1 and 2. */
const killer = `${clock}; for at in 1 2; do read line && echo "{\\"kind\\":\\"killed\\",\\"atMs\\":$at}"; done`;
/** Never hears what it is told. */
const deaf = `${clock}; while read line; do :; done`;

/** Begins these programs, one after the other, and notes which signals each was given. */
function starter(...scripts: readonly string[]) {
  const given: (readonly SignalName[])[] = [];
  const start = (signals: readonly SignalName[]): Session => {
    given.push(signals);
    const script = scripts[given.length - 1] ?? 'echo "nothing to kill" >&2; exit 1';
    return new Session(spawn('sh', ['-c', script], { stdio: 'pipe' }));
  };
  return { start, given };
}

const wish = { signals: ['SIGSTOP', 'SIGCONT'] as const, machine: 'n1', silenceMs: 300 };

test('each call sends the next signal', async () => {
  const { start, given } = starter(killer);
  const blow = await aimed({ ...wish, start });
  expect([(await blow()).atMs, (await blow()).atMs]).toEqual([1, 2]);
  expect(given).toHaveLength(1);
});

test('one that does not hear what it is told is replaced, with the signals that are left', async () => {
  const half = `${clock}; read line; ${killed(1)}; while read line; do :; done`;
  const { start, given } = starter(half, `${clock}; read line; ${killed(7)}`);
  const blow = await aimed({ ...wish, start });
  expect([(await blow()).atMs, (await blow()).atMs]).toEqual([1, 7]);
  expect(given).toEqual([['SIGSTOP', 'SIGCONT'], ['SIGCONT']]);
});

test('one that is only slow is heard, and another finds nothing to kill', async () => {
  const slow = `${clock}; read line; sleep 0.6; ${killed(1)}`;
  const { start } = starter(slow);
  expect((await (await aimed({ ...wish, start }))()).atMs).toBe(1);
});

test('what nobody hears is said in the end, and so is what a killer complains of', async () => {
  const { start } = starter(deaf, deaf, deaf);
  await expect((await aimed({ ...wish, start }))()).rejects.toThrow('killing on n1: not within');
  const broken = `${clock}; read line; echo "no such process" >&2`;
  const once = await aimed({ ...wish, start: starter(broken).start });
  await expect(once()).rejects.toThrow('no such process');
});
