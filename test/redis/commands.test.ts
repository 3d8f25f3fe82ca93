import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import {
  admit,
  demote,
  fence,
  fencedReplicas,
  follow,
  killClients,
  nowhere,
  observe,
  pauseWrites,
  promote,
  unpause,
} from '../../agent/redis/commands.ts';
import { requirePassword } from '../../agent/redis/password-commands.ts';
import type { ObserveResult } from '../../agent/redis/commands.ts';
import type { RedisConnection } from '../../agent/redis/connection.ts';
import { RedisProcess, ask, eventually } from './redis-process.ts';

jest.setTimeout(60_000);

const started: RedisProcess[] = [];
afterEach(async () => {
  for (const redis of started.splice(0)) await redis[Symbol.asyncDispose]();
});

interface Pair {
  readonly redis: RedisProcess;
  readonly agent: RedisConnection;
  readonly client: RedisConnection;
}

async function aPair(...settings: string[]): Promise<Pair> {
  const redis = await RedisProcess.start(...settings);
  started.push(redis);
  return { redis, agent: await redis.client(), client: await redis.client() };
}

/** As the init container leaves it: a fenced replica of nowhere. */
function aDemoted(): Promise<Pair> {
  return aPair(
    ...['--replicaof', '127.0.0.1 1', '--min-replicas-to-write', String(fencedReplicas)],
    ...['--repl-diskless-sync-delay', '0'],
  );
}

async function seen(
  connection: RedisConnection,
): Promise<ObserveResult & { readonly kind: 'observed' }> {
  const result = await observe(connection);
  if (result.kind !== 'observed') throw new Error(JSON.stringify(result));
  return result;
}

const openRule = { replicas: 0, maxLagSeconds: 2 };

test('a promoted Redis refuses writes, scripts included, until it is admitted', async () => {
  const { agent, client } = await aDemoted();
  expect(await promote(agent)).toEqual({ kind: 'done' });
  expect(await ask(client, 'SET', 'key', 'value')).toMatch(/^NOREPLICAS/);
  expect(await ask(client, 'EVAL', 'return redis.call("set", "key", "value")', 0)).toMatch(
    /NOREPLICAS/,
  );
  expect(await ask(client, 'FLUSHALL')).toMatch(/^NOREPLICAS/);
  expect(await ask(client, 'GET', 'key')).toBe('null');
  expect(await admit(agent, openRule)).toEqual({ kind: 'done' });
  expect(await ask(client, 'SET', 'key', 'value')).toBe('OK');
});

test('what is observed is what was set', async () => {
  const { agent } = await aDemoted();
  expect(await seen(agent)).toMatchObject({
    writes: { replicas: fencedReplicas },
    info: { keys: 0, replication: { role: 'replica', upstream: { ...nowhere, link: 'down' } } },
  });
  await promote(agent);
  await admit(agent, { replicas: 1, maxLagSeconds: 3 });
  expect(await seen(agent)).toMatchObject({
    writes: { replicas: 1, maxLagSeconds: 3 },
    info: { replication: { role: 'primary', upstream: null, goodReplicas: 0 } },
  });
});

test('a write that needs a replica is taken once there is one', async () => {
  const primary = await aDemoted();
  const replica = await aDemoted();
  await promote(primary.agent);
  await admit(primary.agent, { replicas: 1, maxLagSeconds: 2 });
  expect(await ask(primary.client, 'SET', 'key', 'value')).toMatch(/^NOREPLICAS/);
  await follow(replica.agent, { host: '127.0.0.1', port: primary.redis.port });
  await eventually(
    () => ask(primary.client, 'SET', 'key', 'value'),
    (reply) => reply === 'OK',
  );
  const { info } = await seen(primary.agent);
  expect(info.replication.downstreams).toMatchObject([{ port: replica.redis.port, lagSeconds: 0 }]);
});

test('a replica keeps its readers when it follows, a primary loses its clients when it is demoted', async () => {
  const first = await aDemoted();
  const second = await aDemoted();
  const address = { host: '127.0.0.1', port: first.redis.port };
  await follow(second.agent, address);
  expect(await ask(second.client, 'PING')).toBe('PONG');
  expect(await demote(second.agent, nowhere)).toEqual({ kind: 'done' });
  expect(await ask(second.client, 'PING')).toBe('closed');
  expect((await seen(second.agent)).writes.replicas).toBe(fencedReplicas);
});

test('a fence that cuts clients leaves none that could write, and refuses those that come back', async () => {
  const { redis, agent, client } = await aPair();
  const subscriber = connect(redis.port, '127.0.0.1');
  subscriber.write('SUBSCRIBE news\r\n');
  await once(subscriber, 'data');
  const closed = once(subscriber, 'close');
  expect(await fence(agent, { cutClients: true })).toEqual({ kind: 'done' });
  await closed;
  expect(await ask(client, 'PING')).toBe('closed');
  expect(await ask(await redis.client(), 'SET', 'key', 'value')).toMatch(/^NOREPLICAS/);
  expect((await seen(agent)).writes.replicas).toBe(fencedReplicas);
});

test('a fence alone cuts nobody', async () => {
  const { agent, client } = await aPair();
  expect(await fence(agent, { cutClients: false })).toEqual({ kind: 'done' });
  expect(await ask(client, 'PING')).toBe('PONG');
});

test('subscribers are cut as well', async () => {
  const { redis, agent } = await aPair();
  const subscriber = connect(redis.port, '127.0.0.1');
  subscriber.write('SUBSCRIBE news\r\n');
  await once(subscriber, 'data');
  const closed = once(subscriber, 'close');
  expect(await killClients(agent)).toEqual({ kind: 'done' });
  await closed;
});

test('a paused write is answered after the pause, and a fence in the pause refuses it', async () => {
  const { agent, client } = await aPair();
  await pauseWrites(agent, 60_000);
  const held = ask(client, 'SET', 'key', 'first');
  await unpause(agent);
  expect(await held).toBe('OK');

  await pauseWrites(agent, 60_000);
  const late = ask(client, 'SET', 'key', 'second');
  await fence(agent, { cutClients: false });
  await unpause(agent);
  expect(await late).toMatch(/^NOREPLICAS/);
});

test('to admit writes ends a pause', async () => {
  const { agent, client } = await aPair();
  await pauseWrites(agent, 60_000);
  const held = ask(client, 'SET', 'key', 'value');
  await admit(agent, openRule);
  expect(await held).toBe('OK');
});

test('a password is needed by whoever comes after it was set', async () => {
  const { redis, agent, client } = await aPair();
  expect(await requirePassword(agent, Buffer.from('new "password"'), [])).toEqual({ kind: 'done' });
  expect(await ask(client, 'PING')).toBe('PONG');
  await expect(redis.client()).rejects.toThrow('NOAUTH');
  expect(await ask(await redis.client('new "password"'), 'PING')).toBe('PONG');
});

test("Redis' refusal is passed on in its words", async () => {
  const { agent } = await aPair();
  expect(await follow(agent, { host: '127.0.0.1', port: 70_000 })).toEqual({
    kind: 'refused',
    message: expect.stringContaining('Invalid master port'),
  });
});

test('a command that is not answered in time, or whose connection closed, says so', async () => {
  const { redis, agent } = await aPair();
  await redis.hang();
  expect(await observe(agent, 30)).toEqual({ kind: 'timeout' });
  const pending = fence(agent, { cutClients: false });
  await redis.crash();
  expect(await pending).toEqual({ kind: 'closed' });
  expect(await observe(agent)).toEqual({ kind: 'closed' });
});
