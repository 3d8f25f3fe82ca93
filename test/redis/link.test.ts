import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { monotonic } from '../../agent/core/units.ts';
import { demote, fence, nowhere } from '../../agent/redis/commands.ts';
import { Link } from '../../agent/redis/link.ts';
import type { LinkOptions, LinkState } from '../../agent/redis/link.ts';
import { RedisProcess, ask, eventually } from './redis-process.ts';

jest.setTimeout(60_000);

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function aRedis(...settings: string[]): Promise<RedisProcess> {
  const redis = await RedisProcess.start(...settings);
  cleanUps.push(() => redis[Symbol.asyncDispose]());
  return redis;
}

function aLink(port: number, options: Partial<LinkOptions> = {}): [Link, LinkState[]] {
  const states: LinkState[] = [];
  const link = new Link({
    ...{ host: '127.0.0.1', port, passwordFile: null, beatTimeoutMs: 600, commandTimeoutMs: 2000 },
    now: () => monotonic(performance.now()),
    onState: (state) => states.push(state),
    ...options,
  });
  cleanUps.unshift(() => {
    link.end();
  });
  link.start();
  return [link, states];
}

function becomes(link: Link, kind: LinkState['kind']): Promise<LinkState> {
  return eventually(
    () => link.state,
    (state) => state.kind === kind,
  );
}

function kinds(states: readonly LinkState[]): readonly string[] {
  return states.map((state) => state.kind);
}

test('a link waits for a Redis that is not there yet', async () => {
  const redis = await aRedis();
  await redis.crash();
  const [link, states] = aLink(redis.port);
  expect(await link.run([['PING']])).toEqual({ kind: 'closed' });
  await sleep(200);
  await redis.startAgain();
  await becomes(link, 'up');
  expect(kinds(states)).toEqual(['up']);
});

test('a crash and the start after it are seen as another process', async () => {
  const redis = await aRedis();
  const [link, states] = aLink(redis.port);
  await becomes(link, 'up');
  await redis.crash();
  await becomes(link, 'down');
  await redis.startAgain();
  await becomes(link, 'up');
  expect(kinds(states)).toEqual(['up', 'down', 'up']);
  const [first, , second] = states as (LinkState & { kind: 'up' })[];
  expect(second!.runId).not.toBe(first!.runId);
});

test('a Redis that hangs is told from one that is gone, and found again when it goes on', async () => {
  const redis = await aRedis();
  const [link, states] = aLink(redis.port);
  await becomes(link, 'up');
  await redis.hang();
  await becomes(link, 'hung');
  redis.goOn();
  await becomes(link, 'up');
  expect(kinds(states)).toEqual(['up', 'hung', 'up']);
});

test('a Redis that hangs before the agent starts is hung, not gone', async () => {
  const redis = await aRedis();
  await redis.hang();
  const [link] = aLink(redis.port);
  await becomes(link, 'hung');
  redis.goOn();
  await becomes(link, 'up');
});

test('a Redis busy with an endless script hangs', async () => {
  const redis = await aRedis('--busy-reply-threshold', '100');
  const [link] = aLink(redis.port);
  await becomes(link, 'up');
  const [client, rescuer] = [await redis.client(), await redis.client()];
  void ask(client, 'EVAL', 'while true do end', 0);
  await becomes(link, 'hung');
  await ask(rescuer, 'SCRIPT', 'KILL');
  await becomes(link, 'up');
});

test('whom a fence cuts that was sent to a Redis that hangs hears of no later write', async () => {
  const redis = await aRedis();
  const [link] = aLink(redis.port);
  await becomes(link, 'up');
  const client = await redis.client();
  await redis.hang();
  // Redis reads first from whom it had just answered: this write may be carried out before the fence.
  const write = ask(client, 'SET', 'key', 'late');
  expect(await fence(link, { cutClients: true }, 50)).toEqual({ kind: 'timeout' });
  redis.goOn();
  expect(await write).toBe('closed');
  expect(await ask(await redis.client(), 'SET', 'key', 'later')).toMatch(/^NOREPLICAS/);
});

test('cutting all clients does not look like a crash to the agent', async () => {
  const redis = await aRedis();
  const [link, states] = aLink(redis.port);
  await becomes(link, 'up');
  const client = await redis.client();
  expect(await demote(link, nowhere)).toEqual({ kind: 'done' });
  await eventually(
    () => client.isOpen,
    (isOpen) => !isOpen,
  );
  const names = async (): Promise<readonly string[]> => {
    const result = await link.run([['CLIENT', 'LIST']]);
    if (result.kind !== 'answered') return [];
    return [...JSON.stringify(result.replies).matchAll(/ name=(\S*)/g)].map((found) => found[1]!);
  };
  await eventually(names, (seen) => seen.includes('regent') && seen.includes('regent-beat'));
  expect(kinds(states)).toEqual(['up']);
});

test('one of the two connections killed by hand is opened again, whichever it is', async () => {
  const redis = await aRedis();
  const [link, states] = aLink(redis.port);
  await becomes(link, 'up');
  const client = await redis.client();
  for (const name of ['regent', 'regent-beat', 'regent']) {
    const id = (): Promise<string | undefined> =>
      ask(client, 'CLIENT', 'LIST').then(
        (list) => new RegExp(`id=(\\d+) .* name=${name} `).exec(list)?.[1],
      );
    const before = await eventually(id, (seen) => seen !== undefined);
    await ask(client, 'CLIENT', 'KILL', 'ID', before!);
    await eventually(id, (seen) => seen !== undefined && seen !== before);
  }
  expect(kinds(states)).toEqual(['up']);
});

test('both connections killed by hand are no crash', async () => {
  const redis = await aRedis();
  const [link, states] = aLink(redis.port);
  await becomes(link, 'up');
  const client = await redis.client();
  const ids = async (): Promise<readonly string[]> => {
    const list = await ask(client, 'CLIENT', 'LIST');
    return [...list.matchAll(/id=(\d+) .* name=regent/g)].map((found) => found[1]!);
  };
  for (let round = 0; round < 5; round += 1) {
    const before = await eventually(ids, (seen) => seen.length === 2);
    await ask(client, 'CLIENT', 'KILL', 'TYPE', 'normal');
    await eventually(ids, (seen) => seen.length === 2 && !seen.includes(before[0]!));
  }
  expect(kinds(states)).toEqual(['up']);
});

test('full of clients, Redis is not taken for dead', async () => {
  const redis = await aRedis('--maxclients', '10');
  const [link, states] = aLink(redis.port);
  await becomes(link, 'up');
  const client = await redis.client();
  await sleep(100);
  for (let count = 0; count < 7; count += 1) await redis.client();
  await ask(client, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
  const list = await ask(client, 'CLIENT', 'LIST');
  const beat = /id=(\d+) .* name=regent-beat /.exec(list)![1]!;
  const kill = ask(client, 'CLIENT', 'KILL', 'ID', beat);
  // The place that became free is taken before the agent can have it.
  const rival = redis.client().catch(() => null);
  await Promise.all([kill, rival]);
  await sleep(500);
  expect(kinds(states)).toEqual(['up']);
});

test('a Redis that has no place for the agent refuses, and is not gone', async () => {
  const redis = await aRedis('--maxclients', '3');
  const clients = [await redis.client(), await redis.client(), await redis.client()];
  const [link, states] = aLink(redis.port);
  await becomes(link, 'refused');
  for (const client of clients) client.close();
  await becomes(link, 'up');
  expect(kinds(states)).toEqual(['refused', 'up']);
});

test('a Redis that hangs with a full queue of connections hangs, and is not gone', async () => {
  const redis = await aRedis('--tcp-backlog', '1');
  await redis.hang();
  const sockets = Array.from({ length: 8 }, () => connect(redis.port, '127.0.0.1'));
  cleanUps.unshift(() => {
    for (const socket of sockets) socket.destroy();
  });
  await sleep(100);
  const [link, states] = aLink(redis.port);
  await becomes(link, 'hung');
  expect(kinds(states)).toEqual(['hung']);
});

test('a wrong password is refused by name, and a rotated one is read from the file', async () => {
  const redis = await aRedis('--requirepass', 'right');
  const passwordFile = join(redis.folder, 'password');
  writeFileSync(passwordFile, 'wrong');
  const [link] = aLink(redis.port, { passwordFile });
  const refused = await becomes(link, 'refused');
  expect(refused).toMatchObject({ message: expect.stringMatching(/^WRONGPASS/) });
  writeFileSync(passwordFile, 'right\n');
  await becomes(link, 'up');
});

test('a missing password file is named', async () => {
  const redis = await aRedis('--requirepass', 'right');
  const [link] = aLink(redis.port, { passwordFile: '/nonexistent/password' });
  const refused = await becomes(link, 'refused');
  expect(refused).toMatchObject({ message: expect.stringContaining('/nonexistent/password') });
});
