import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import {
  admit,
  fencedReplicas,
  nowhere,
  observe,
  promote,
  unpromotedLagSeconds,
} from '../../agent/redis/commands.ts';
import { renderConfig } from '../../agent/redis/config-file.ts';
import { RedisConnection } from '../../agent/redis/connection.ts';
import { RedisProcess, ask } from './redis-process.ts';

jest.setTimeout(60_000);

const started: RedisProcess[] = [];
afterEach(async () => {
  for (const redis of started.splice(0)) await redis[Symbol.asyncDispose]();
});

/** A Redis that reads what is rendered for it, as in a pod. */
async function aRendered(userText: string, password: Buffer | null): Promise<RedisProcess> {
  const redis = await RedisProcess.prepare();
  started.push(redis);
  const file = join(redis.folder, 'redis.conf');
  const { port, folder: dataDir } = redis;
  const announceHost = 'my-redis-node-0.my-redis-headless.default.svc.cluster.local';
  const userFile = 'redis.conf';
  writeFileSync(
    file,
    renderConfig({ userText, userFile, port, announceHost, dataDir, password, tls: null }),
  );
  await redis.startWith(file);
  return redis;
}

async function opened(redis: RedisProcess, password: Buffer | null): Promise<RedisConnection> {
  const result = await RedisConnection.open({
    ...{ host: '127.0.0.1', port: redis.port, name: 'test', password },
    ...{ connectTimeoutMs: 5000, commandTimeoutMs: 5000 },
  });
  if (result.kind !== 'open') throw new Error(JSON.stringify(result));
  return result.connection;
}

test('Redis boots as a fenced replica of nowhere, whatever its data set', async () => {
  const redis = await aRendered('save ""', null);
  const connection = await opened(redis, null);
  expect(await observe(connection)).toMatchObject({
    info: { replication: { role: 'replica', upstream: { ...nowhere, link: 'down' } } },
    writes: { replicas: fencedReplicas, maxLagSeconds: unpromotedLagSeconds },
  });
  expect(await ask(connection, 'SET', 'key', 'value')).toMatch(/^READONLY/);
});

test("the user's settings count where they are no contradiction", async () => {
  const redis = await aRendered('maxmemory 64mb\nmaxmemory-policy allkeys-lru\n', null);
  const connection = await opened(redis, null);
  expect(await ask(connection, 'CONFIG', 'GET', 'maxmemory-policy')).toContain('allkeys-lru');
  expect(await ask(connection, 'CONFIG', 'GET', 'replica-announce-ip')).toContain(
    'my-redis-node-0.my-redis-headless.default.svc.cluster.local',
  );
});

test.each([
  ['words and quotes', Buffer.from(`it's "so" \\ # secret`)],
  ['what looks like an escape', Buffer.from('\\x41\\n')],
  ['letters of many scripts', Buffer.from('pässwörd 密码')],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x01, 0x7f, 0x0a, 0x41])],
  ['random bytes', Buffer.from(randomBytes(256).map((byte) => byte || 1))],
])('a password of %s is the same for Redis and for the agent', async (_name, password) => {
  const redis = await aRendered('', password);
  const connection = await opened(redis, password);
  await promote(connection);
  await admit(connection, { replicas: 0, maxLagSeconds: 2 });
  expect(await ask(connection, 'SET', 'key', 'value')).toBe('OK');
  await expect(redis.client('another')).rejects.toThrow('WRONGPASS');
  await expect(redis.client()).rejects.toThrow('NOAUTH');
});
