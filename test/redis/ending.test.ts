/** What Redis does with SIGTERM while it makes the log of data that it has just received. */
import { expect, jest, test } from '@jest/globals';
import { ask, eventually, RedisProcess } from './redis-process.ts';

jest.setTimeout(60_000);

const keys = 200;
/** A rewrite waits so long for each key: it takes two seconds. */
const keyDelayMicroseconds = 10_000;

/** A replica that has received all of a leader's data and begins to write its log. */
async function replicaOf(leader: RedisProcess): Promise<RedisProcess> {
  const client = await leader.client();
  for (let key = 0; key < keys; key += 1) await ask(client, 'SET', `key-${key}`, 'value');
  const replica = await RedisProcess.start(
    ...['--save', '', '--appendonly', 'yes', '--rdb-key-save-delay', String(keyDelayMicroseconds)],
    ...['--replicaof', `127.0.0.1 ${leader.port}`],
  );
  await eventually(() => facts(replica), isRewriting);
  return replica;
}

async function facts(server: RedisProcess): Promise<string> {
  return ask(await server.client(), 'INFO', 'everything');
}

function isRewriting(info: string): boolean {
  return info.includes('master_link_status:up') && info.includes('aof_rewrite_in_progress:1');
}

test('it refuses while the log is made, and has forgotten it afterwards', async () => {
  await using leader = await RedisProcess.start('--save', '', '--repl-diskless-sync-delay', '0');
  await using replica = await replicaOf(leader);
  replica.signal('SIGTERM');
  await eventually(
    () => facts(replica),
    (info) => info.includes('aof_rewrite_in_progress:0'),
  );
  expect(await ask(await replica.client(), 'PING')).toBe('PONG');
});

test('it ends when the log is made, and has all data when it comes back', async () => {
  await using leader = await RedisProcess.start('--save', '', '--repl-diskless-sync-delay', '0');
  await using replica = await replicaOf(leader);
  await eventually(
    () => facts(replica),
    (info) => !isRewriting(info),
  );
  await replica.terminate();
  await replica.startWith(
    ...[
      '--port',
      String(replica.port),
      '--dir',
      replica.folder,
      '--save',
      '',
      '--appendonly',
      'yes',
    ],
  );
  const size = async (): Promise<string> => ask(await replica.client(), 'DBSIZE');
  // It answers connections before it has loaded what it has.
  const loaded = await eventually(size, (answer) => !answer.startsWith('LOADING'));
  expect(loaded).toBe(String(keys));
});
