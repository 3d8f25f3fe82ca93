import { expect, test } from '@jest/globals';
import { timeLine, type Evidence } from '../../../scripts/experiment/timeline.ts';

const evidence: Evidence = {
  killedMs: 1000.4,
  leader: 'set-node-0',
  log: [
    { pod: 'set-node-0', reason: 'leading', holder: 'set-node-0', atMs: 900 },
    { pod: 'set-node-0', reason: 'redis-down', holder: null, atMs: 1002 },
    { pod: 'set-node-0', reason: 'redis-away-name-successor', holder: 'set-node-0', atMs: 1003 },
    { pod: 'set-node-1', reason: 'promote', holder: 'set-node-1', atMs: 1015 },
    { pod: 'set-node-2', reason: 'follow-leader', holder: 'set-node-1', atMs: 1020 },
    { pod: 'set-node-1', reason: 'route-ok', holder: null, atMs: 1031 },
  ],
  lease: [
    { value: 'set-node-0/a', atMs: 500 },
    { value: 'set-node-1/b', atMs: 1010 },
  ],
  slice: [
    { value: '10.0.0.1', atMs: 500 },
    { value: '10.0.0.2', atMs: 1030 },
  ],
  firstWrite: { kind: 'acknowledged', n: 77, connection: 2, sentMs: 1049, atMs: 1050.4 },
};

test('the steps of a failover come in the order of time, counted from the kill', () => {
  const steps = timeLine(evidence).map(({ name, afterMs, detail }) => [
    ...[name, Math.round(afterMs), detail],
  ]);
  expect(steps).toEqual([
    ['killed', 0, 'set-node-0'],
    ['noticed', 2, 'set-node-0: redis-down'],
    ['Lease moved', 10, 'set-node-1'],
    ['promoted', 15, 'set-node-1: promote'],
    ['Service moved', 30, '10.0.0.2'],
    ['first write accepted', 50, 'write 77'],
  ]);
});

test('what a follower notices counts when the agent of the leader is gone', () => {
  const log = [
    { pod: 'set-node-1', reason: 'following', holder: 'set-node-0', atMs: 1500 },
    { pod: 'set-node-1', reason: 'claim-expired', holder: 'set-node-1', atMs: 7000 },
  ];
  const noticed = timeLine({ ...evidence, log }).find(({ name }) => name === 'noticed');
  expect(noticed?.detail).toBe('set-node-1: claim-expired');
});

test('what an agent saw counts when the watch saw it later', () => {
  const late = { ...evidence, lease: evidence.lease.map((one) => ({ ...one, atMs: 1100 })) };
  const moved = timeLine({ ...late, slice: [] }).filter(({ name }) => name.endsWith('moved'));
  expect(moved.map(({ name, detail }) => [name, detail])).toEqual([
    ['Lease moved', 'set-node-1: promote'],
    ['Service moved', 'set-node-1: route-ok'],
  ]);
});

test('a step that was not seen is left out', () => {
  const names = timeLine({ ...evidence, log: [], slice: [] }).map(({ name }) => name);
  expect(names).toEqual(['killed', 'Lease moved', 'first write accepted']);
});

test('a millisecond that an agent has rounded down is not before the kill', () => {
  const log = [{ pod: 'set-node-0', reason: 'redis-away', holder: 'set-node-0', atMs: 1000 }];
  const noticed = timeLine({ ...evidence, log }).find(({ name }) => name === 'noticed');
  expect(noticed?.afterMs).toBe(0);
});
