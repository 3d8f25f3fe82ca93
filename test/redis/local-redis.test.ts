/** What an agent finds of its own Redis where one look, or one answer, is not enough. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { RedisUp } from '../../agent/core/tenure.ts';
import { demote, nowhere, unpromotedLagSeconds } from '../../agent/redis/commands.ts';
import { systemClock } from '../../agent/run/clock.ts';
import type { LocalRedis } from '../../agent/run/local-redis.ts';
import { ask, eventually, RedisProcess } from './redis-process.ts';
import { watched } from './watched-redis.ts';

jest.setTimeout(60_000);

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const booting = [
  ...['--replicaof', nowhere.host, String(nowhere.port)],
  ...['--min-replicas-max-lag', String(unpromotedLagSeconds)],
];

/** A Redis that has booted as in a pod, and its agent's view of it. */
async function aPod(...settings: string[]): Promise<[RedisProcess, LocalRedis]> {
  const redis = await RedisProcess.start(...booting, ...settings);
  return [redis, await agentOf(redis)];
}

async function agentOf(
  redis: RedisProcess,
  passwordFile: string | null = null,
): Promise<LocalRedis> {
  const local = watched(redis, passwordFile);
  cleanUps.push(() => {
    local.link.end();
  });
  cleanUps.push(() => redis[Symbol.asyncDispose]());
  await eventually(
    () => local.link.state.kind,
    (kind) => kind === 'up',
  );
  return local;
}

async function seen(local: LocalRedis): Promise<RedisUp> {
  const sight = await local.look(systemClock);
  if (sight.kind !== 'up') throw new Error(`it is ${sight.kind}`);
  return sight;
}

/** What a promotion to its end leaves: a primary that knows what its data were, and whose id stays. */
async function expectPromoted(local: LocalRedis, from: string): Promise<void> {
  expect(await local.promote()).toEqual({ kind: 'done' });
  const { position, fenced } = await seen(local);
  expect({ role: position.role, replid2: position.replid2, fenced }).toEqual({
    ...{ role: 'primary', replid2: from, fenced: true },
  });
}

test('an agent sees whether its Redis was a primary before that agent began, until Redis restarts', async () => {
  const [redis, first] = await aPod();
  expect((await seen(first)).wasPromoted).toBe(false);
  await first.promote();
  await demote(first.link, nowhere);
  const next = await agentOf(redis);
  expect(await seen(next)).toMatchObject({ position: { role: 'replica' }, wasPromoted: true });
  const [, other] = await aPod();
  expect((await seen(other)).wasPromoted).toBe(false);
});

test('a promotion that is carried out after nobody waited for it is made once more', async () => {
  const [redis, local] = await aPod();
  const { position } = await seen(local);
  await redis.hang();
  expect(await local.promote()).toEqual({ kind: 'timeout' });
  redis.goOn();
  const client = await redis.client();
  await eventually(
    () => ask(client, 'INFO', 'replication'),
    (text) => text.includes('role:master'),
  );
  expect((await seen(local)).position).toMatchObject({
    ...{ role: 'replica', replid: position.replid, offset: position.offset },
  });
  await expectPromoted(local, position.replid);
});

test('a promotion for which Redis has no place left is made once more', async () => {
  const [redis, local] = await aPod('--maxclients', '4');
  const { position } = await seen(local);
  const [first, second] = [await redis.client(), await redis.client()];
  expect((await local.promote()).kind).not.toBe('done');
  expect((await seen(local)).position).toMatchObject({ role: 'replica', replid: position.replid });
  first.close();
  second.close();
  await eventually(
    () => local.promote(),
    ({ kind }) => kind === 'done',
  );
  await expectPromoted(local, position.replid);
});

test('data stay whole while a resync is asked for that their former leader refuses', async () => {
  const secret = ['--requirepass', 'secret', '--masterauth', 'secret', '--save', ''];
  const leader = await RedisProcess.start(...secret);
  cleanUps.push(() => leader[Symbol.asyncDispose]());
  const source = ['--replicaof', leader.host, String(leader.port)];
  const follower = await RedisProcess.start(...source, ...secret);
  cleanUps.push(() => follower[Symbol.asyncDispose]());
  const passwordFile = join(follower.folder, 'password');
  writeFileSync(passwordFile, 'secret');
  const local = await agentOf(follower, passwordFile);
  await ask(await leader.client('secret'), 'SET', 'key', 'value');
  const before = await eventually(
    () => seen(local),
    ({ position }) => position.keys === 1,
  );
  await leader.crash();
  // As it boots: a replica of nowhere that may not answer.
  const port = ['--port', String(leader.port), '--dir', leader.folder];
  await leader.startWith(...port, ...secret, ...booting, '--replica-serve-stale-data', 'no');
  await eventually(
    async () => ask(await follower.client('secret'), 'INFO', 'replication'),
    (text) => text.includes('master_sync_in_progress:1'),
  );
  const { replid } = before.position;
  for (let looks = 0; looks < 100; looks += 1) {
    expect((await seen(local)).position).toMatchObject({ whole: true, replid, keys: 1 });
    await sleep(3);
  }
});
