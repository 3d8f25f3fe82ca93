import { expect, test } from '@jest/globals';
import { renderConfig } from '../../../agent/redis/config-file.ts';
import { wantsStaleReads } from '../../../agent/redis/stale-reads.ts';

function rendered(userText: string): string {
  const names = { userFile: 'redis.conf', announceHost: 'my-redis-node-0', dataDir: '/data' };
  return renderConfig({ ...names, userText, port: 6379, password: null, tls: null });
}

test.each([
  ['', true],
  ['replica-serve-stale-data yes', true],
  ['replica-serve-stale-data no', false],
  ['  SLAVE-serve-stale-data "no"', false],
  ['replica-serve-stale-data no\nslave-serve-stale-data yes', true],
  ['# replica-serve-stale-data no', true],
])("a user who writes '%s' wants reads of a replica without a leader: %s", (line, isWanted) => {
  const text = line.includes('unbalanced')
    ? `${line}\nreplica-serve-stale-data no`
    : rendered(line);
  expect(wantsStaleReads(text)).toBe(isWanted);
});

test('whatever the user writes, Redis boots without them', () => {
  const lines = rendered('replica-serve-stale-data yes').split('\n');
  const own = lines.filter((line) => line.startsWith('replica-serve-stale-data'));
  expect(own.at(-1)).toBe('replica-serve-stale-data no');
});
