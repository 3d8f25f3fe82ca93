import { afterEach, expect, jest, test } from '@jest/globals';
import { makeBacklog } from '../../agent/redis/backlog.ts';
import { nowhere, observe, promote } from '../../agent/redis/commands.ts';
import { RedisConnection } from '../../agent/redis/connection.ts';
import type { ReplicationFacts } from '../../agent/redis/info.ts';
import { RedisProcess, ask } from './redis-process.ts';

jest.setTimeout(60_000);

const started: RedisProcess[] = [];
afterEach(async () => {
  for (const redis of started.splice(0)) await redis[Symbol.asyncDispose]();
});

async function aRedis(...settings: string[]): Promise<RedisProcess> {
  const redis = await RedisProcess.start(...settings);
  started.push(redis);
  return redis;
}

const open = (redis: RedisProcess): ReturnType<typeof RedisConnection.open> =>
  RedisConnection.open({
    ...{ host: '127.0.0.1', port: redis.port, name: 'test', password: null },
    ...{ connectTimeoutMs: 5000, commandTimeoutMs: 5000 },
  });

async function opened(redis: RedisProcess): Promise<RedisConnection> {
  const result = await open(redis);
  if (result.kind !== 'open') throw new Error(JSON.stringify(result));
  return result.connection;
}

async function replication(connection: RedisConnection): Promise<ReplicationFacts> {
  const seen = await observe(connection);
  if (seen.kind !== 'observed') throw new Error(JSON.stringify(seen));
  return seen.info.replication;
}

/** As in a pod: boots as a replica of nowhere, then leads. */
async function promoted(...settings: string[]): Promise<[RedisProcess, RedisConnection]> {
  const redis = await aRedis('--replicaof', nowhere.host, String(nowhere.port), ...settings);
  const connection = await opened(redis);
  expect(await promote(connection)).toEqual({ kind: 'done' });
  return [redis, connection];
}

async function attachReplica({ port }: RedisProcess, primary: RedisConnection): Promise<void> {
  await aRedis('--replicaof', '127.0.0.1', String(port));
  for (;;) {
    const { downstreams } = await replication(primary);
    if (downstreams.some(({ state }) => state === 'online')) return;
  }
}

test('a primary without a backlog takes a new history when its first replica comes', async () => {
  const [redis, connection] = await promoted();
  const before = await replication(connection);
  expect(before.hasBacklog).toBe(false);
  await attachReplica(redis, connection);
  expect((await replication(connection)).replid).not.toBe(before.replid);
});

test.each([
  ['as it is', []],
  ['with other sync options', ['--repl-diskless-sync', 'no', '--repl-diskless-sync-delay', '7']],
])('a primary with a backlog made for it keeps its history, %s', async (_, settings) => {
  const [redis, connection] = await promoted(...settings);
  const options = await ask(connection, 'CONFIG', 'GET', 'repl-diskless-sync*');
  expect(await makeBacklog(connection, () => open(redis))).toEqual({ kind: 'done' });
  const before = await replication(connection);
  expect(before.hasBacklog).toBe(true);
  await attachReplica(redis, connection);
  expect((await replication(connection)).replid).toBe(before.replid);
  expect(await ask(connection, 'CONFIG', 'GET', 'repl-diskless-sync*')).toEqual(options);
});
