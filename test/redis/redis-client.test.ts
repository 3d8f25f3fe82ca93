/** The client of the programs that judge experiments. */
import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connectAnew, openClient } from '../../scripts/workload/redis-client.ts';
import { RedisProcess } from './redis-process.ts';

test.each([
  ['has a connection', true],
  ['was given up for good', false],
])('a client that %s gets another one', async (_, isConnected) => {
  await using server = await RedisProcess.start('--save', '');
  const { host, port } = server;
  const client = openClient({ host, port, password: null, tls: null, timeoutMs: 10_000 });
  await once(client, 'ready');
  const former = await client.client('ID');
  if (!isConnected) {
    client.disconnect();
    await once(client, 'end');
  }
  const isReady = once(client, 'ready');
  connectAnew(client);
  await isReady;
  expect(await client.client('ID')).toBeGreaterThan(former);
  client.disconnect();
});
