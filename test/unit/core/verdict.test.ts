import { expect, test } from '@jest/globals';
import { readyLagBytesMax, verdict, type Condition } from '../../../agent/core/verdict.ts';
import {
  aPosition,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aRedis,
  aSelf,
  ago,
  nowMs,
} from '../../support/turn.ts';

function aCondition(change: Partial<Condition> = {}): Condition {
  const well = { nowMs, self: aSelf(), record: aRecord(), redis: aRedis(), lastTickMs: ago(500) };
  return { ...well, lagBytes: 0, ...change };
}

test.each<[string, Partial<Condition>, string]>([
  ['a replica in sync', {}, 'replica in sync'],
  ['a leader', { record: aRecordOfOurs(), redis: aPrimary() }, 'leader that accepts writes'],
])('%s is ready', (_, change, reason) => {
  expect(verdict('readiness', aCondition(change))).toEqual({ verdict: 'pass', reason });
});

test.each<[string, Partial<Condition>, string]>([
  ['whose Redis loads', { redis: { kind: 'loading', sinceMs: ago(9) } }, 'redis is loading'],
  ['whose primary does not lead', { redis: aPrimary() }, 'primary without the lease'],
  [
    'that leads and refuses writes',
    { record: aRecordOfOurs(), redis: aPrimary({ fenced: true }) },
    'leader that refuses writes',
  ],
  ['that replicates from nobody', { redis: aRedis({ source: null }) }, 'replica of nobody'],
  [
    'without a link to its leader',
    { redis: aRedis({ source: { address: '10.0.0.2', linkUp: false } }) },
    'no link to the leader',
  ],
  [
    'in the middle of a resync',
    { redis: aRedis({ position: aPosition({ whole: false }) }) },
    'not in sync',
  ],
  ['far behind', { lagBytes: readyLagBytesMax + 1 }, `${readyLagBytesMax + 1} bytes behind`],
])('a pod %s is not ready', (_, change, reason) => {
  expect(verdict('readiness', aCondition(change))).toEqual({ verdict: 'fail', reason });
});

test('an agent is restarted only when its loop is stuck, whatever its Redis does', () => {
  const hung = { kind: 'hung', sinceMs: ago(600_000) } as const;
  expect(verdict('liveness', aCondition({ redis: hung })).verdict).toBe('pass');
  expect(verdict('liveness', aCondition({ lastTickMs: ago(30_000) })).verdict).toBe('fail');
});

test('an agent that runs has started', () => {
  expect(verdict('startup', aCondition({ record: null })).verdict).toBe('pass');
});
