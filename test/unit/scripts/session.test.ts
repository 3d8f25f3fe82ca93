import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Session } from '../../../scripts/experiment/session.ts';

const wait = { what: 'a kill', timeoutMs: 10_000 };

function program(script: string): ChildProcess {
  return spawn('sh', ['-c', script], { stdio: 'pipe' });
}

test('the last words of a program that ends at once are heard', async () => {
  // The shell ends, and what it began still writes: words that arrive after the end.
  const child = program(`(sleep 0.2; echo '{"kind":"killed","atMs":1}') &`);
  const session = new Session(child);
  if (child.exitCode === null) await once(child, 'exit');
  await sleep(1);
  const killed = await session.until(() => session.of('killed')[0], wait);
  expect(killed.atMs).toBe(1);
});

test('whoever waits for a program that has ended is told what it complained of', async () => {
  const session = new Session(program('echo "no such container" >&2; exit 1'));
  await expect(session.until(() => session.of('killed')[0], wait)).rejects.toThrow(
    'a kill: the program has ended: no such container',
  );
});
