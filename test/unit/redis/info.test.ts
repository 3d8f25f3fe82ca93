import { expect, test } from '@jest/globals';
import { parseInfo } from '../../../agent/redis/info.ts';

const replid = 'd6cf1d5c6ae2b25c06f665ff78292bd4ef713524';
const before = '0dc110f62e59cce93f0ea50cfcffa2f756812789';

/** As Redis 7.0.15 answers; `changes` replaces lines, and removes those that are `null`. */
function answer(changes: Record<string, string | null> = {}): string {
  const fields: Record<string, string | null> = {
    redis_version: '7.0.15',
    run_id: '55903cf0cfe8bc73a5df139e946738f04e56615c',
    uptime_in_seconds: '2',
    loading: '0',
    aof_enabled: '1',
    aof_rewrite_in_progress: '0',
    aof_rewrite_scheduled: '0',
    role: 'master',
    connected_slaves: '0',
    master_replid: replid,
    master_replid2: '0'.repeat(40),
    master_repl_offset: '50',
    second_repl_offset: '-1',
    repl_backlog_active: '1',
    ...changes,
  };
  const lines = Object.entries(fields).map(([key, value]) =>
    value === null ? '' : `${key}:${value}`,
  );
  return ['# Server', ...lines, ''].join('\r\n');
}

const asReplica = {
  role: 'slave',
  master_host: 'my-redis-node-0.my-redis-headless',
  master_port: '6379',
  master_link_status: 'up',
  master_last_io_seconds_ago: '1',
  master_sync_in_progress: '0',
  slave_read_repl_offset: '176',
  slave_repl_offset: '170',
  slave_priority: '100',
};

test('a primary has no upstream and no history before its own', () => {
  const { replication, persistence, server } = parseInfo(answer());
  expect(replication).toEqual({
    role: 'primary',
    replid,
    replid2: null,
    forkOffset: 0,
    offset: 50,
    hasBacklog: true,
    goodReplicas: null,
    upstream: null,
    downstreams: [],
  });
  expect(persistence).toEqual({ loading: false, aofEnabled: true, aofRewriting: false });
  expect(server).toMatchObject({ product: 'redis', version: '7.0.15' });
});

test.each(['aof_rewrite_in_progress', 'aof_rewrite_scheduled'])(
  'a log is being rewritten while INFO has %s',
  (field) => {
    const { persistence } = parseInfo(answer({ [field]: '1' }));
    expect(persistence).toEqual({ loading: false, aofEnabled: true, aofRewriting: true });
  },
);

test('the fork lies one byte before the first that is no longer shared', () => {
  const promoted = answer({ master_replid2: before, second_repl_offset: '41' });
  expect(parseInfo(promoted).replication).toMatchObject({ replid2: before, forkOffset: 40 });
});

test('a replica tells what it received from what it applied', () => {
  expect(parseInfo(answer(asReplica)).replication.upstream).toEqual({
    host: 'my-redis-node-0.my-redis-headless',
    port: 6379,
    link: 'up',
    syncing: false,
    silentSeconds: 1,
    readOffset: 176,
    appliedOffset: 170,
    priority: 100,
  });
});

test('a replica without a link has heard nothing, not something in the future', () => {
  const cut = answer({
    ...asReplica,
    master_link_status: 'down',
    master_last_io_seconds_ago: '-1',
  });
  expect(parseInfo(cut).replication.upstream).toMatchObject({ link: 'down', silentSeconds: null });
});

test('replicas keep their announced name, also an IPv6 address', () => {
  const { downstreams } = parseInfo(
    answer({
      slave0: 'ip=node-1.headless,port=6379,state=online,offset=50,lag=0',
      slave1: 'ip=fd00::7,port=6380,state=wait_bgsave,offset=0,lag=-1,type=main-channel',
    }),
  ).replication;
  expect(downstreams).toEqual([
    { host: 'node-1.headless', port: 6379, state: 'online', offset: 50, lagSeconds: 0 },
    { host: 'fd00::7', port: 6380, state: 'wait_bgsave', offset: 0, lagSeconds: null },
  ]);
});

test('keys are counted over all databases', () => {
  const info = parseInfo(
    answer({ db0: 'keys=3,expires=0,avg_ttl=0', db15: 'keys=4,expires=1,avg_ttl=9,subexpiry=0' }),
  );
  expect(info.keys).toBe(7);
});

test('Valkey says its own version', () => {
  const { server } = parseInfo(answer({ redis_version: '7.2.4', valkey_version: '8.1.1' }));
  expect(server).toMatchObject({ product: 'valkey', version: '8.1.1' });
});

test('a number that JavaScript would round is refused', () => {
  expect(() => parseInfo(answer({ master_repl_offset: '9007199254740993' }))).toThrow(
    /master_repl_offset.*9007199254740993/,
  );
});

test.each([
  ['role', 'sentinel'],
  ['master_repl_offset', '5O'],
  ['loading', 'yes'],
  ['db0', 'expires=0'],
  ['slave0', 'ip=node-1,port=6379,state=online,offset=50'],
  ['run_id', null],
  ['master_replid', ''],
])('%s of %s is refused with its name', (field, value) => {
  expect(() => parseInfo(answer({ [field]: value }))).toThrow(field);
});
