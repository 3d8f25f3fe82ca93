import { expect, test } from '@jest/globals';
import { statusText } from '../../../agent/cli/status.ts';
import type { PeerState } from '../../../agent/http/peer-state.ts';

const state = {
  pod: 'my-redis-node-1',
  uid: 'u1',
  address: '10.0.0.2',
  ordinal: 1,
  priority: 100,
  term: 3,
  leading: false,
  position: null,
  withdrawn: false,
  stopping: false,
  holder: null,
  reason: 'await-leader',
} as const satisfies PeerState;

test('a pod without Redis and without a leader says so', () => {
  expect(statusText(state).split('\n')).toEqual([
    'pod     my-redis-node-1 (10.0.0.2), priority 100',
    'leader  nobody',
    'term    3',
    'writes  not accepted here',
    'redis   down, hung or loading',
    'reason  await-leader',
  ]);
});
