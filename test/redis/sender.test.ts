/** The program that asks Redis for acceptance scenarios: agents cut clients while it does. */
import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../scripts/workload/sender.ts';
import { ask, RedisProcess } from './redis-process.ts';

test('a command whose connection is cut is sent again', async () => {
  await using server = await RedisProcess.start('--save', '');
  const { host, port } = server;
  const address = { host, port, password: null, tls: null, timeoutMs: 10_000 };
  const sending = send(new Map([['one', address]]), '["one", "BLPOP", "list", "5"]\n');
  await sleep(200);
  const other = await server.client();
  expect(await ask(other, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')).toBe('1');
  await sleep(200);
  await ask(other, 'RPUSH', 'list', 'value');
  expect(await sending).toEqual({ kind: 'sent', answers: [['list', 'value']] });
});
