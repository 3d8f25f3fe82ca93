import { expect, test } from '@jest/globals';
import type { LeaseRecord } from '../../../agent/core/lease.ts';
import type { Position } from '../../../agent/core/lineage.ts';
import type { PeerState } from '../../../agent/http/peer-state.ts';
import { explanation, notes } from '../../../agent/run/explanation.ts';
import type { SetSight } from '../../../agent/run/set-view.ts';
import { aPosition, aRecord, aSelf, aStrictSet } from '../../support/turn.ts';

/** What `node-<ordinal>` says of itself, as a follower. */
function aState(ordinal: number, change: Partial<PeerState> = {}): PeerState {
  return {
    pod: `node-${ordinal}`,
    uid: `uid-${ordinal}`,
    address: `10.0.0.${ordinal + 1}`,
    ordinal,
    priority: 100,
    term: 3,
    leading: false,
    position: aPosition(),
    withdrawn: false,
    bound: false,
    stopping: false,
    passwordGeneration: null,
    holder: 'node-1',
    reason: 'following',
    ...change,
  };
}

const leader = aState(1, {
  leading: true,
  position: aPosition({ role: 'primary', replid2: 'h2', forkOffset: 500 }),
  reason: 'leading',
});

/** A set of three that `node-1` leads, with something changed. */
function aSet(states: readonly PeerState[], change: Partial<LeaseRecord> = {}): SetSight {
  const pods = ['node-0', 'node-1', 'node-2'];
  return { self: aSelf(), record: aRecord(change), pods, states };
}

/** The sentence about `node-0`, which is as `change` says, in a set that is well. */
function ofNode0(change: Partial<PeerState>, record: Partial<LeaseRecord> = {}): string {
  return explanation('node-0', aSet([aState(0, change), leader, aState(2)], record));
}

function data(change: Partial<Position>): Partial<PeerState> {
  return { position: aPosition(change) };
}

test('the leader leads', () => {
  expect(explanation('node-1', aSet([leader]))).toBe(
    'leads: it holds the lease of term 3, its data are the recorded history, and it accepts writes',
  );
});

test.each<[string, string, Partial<PeerState>, Partial<LeaseRecord>]>([
  ['is next', 'does not lead: node-1 holds the lease; it is the next in line', {}, {}],
  [
    'is going away',
    'does not lead: node-1 holds the lease, and it is going away',
    { stopping: true },
    {},
  ],
  [
    'is far behind',
    'does not lead: node-1 holds the lease, and node-2 comes before it: it has 2000 bytes more',
    data({ offset: -1100 }),
    {},
  ],
  [
    'has another priority',
    'does not lead: node-1 holds the lease, and node-2 comes before it: priority 100 against 200',
    { priority: 200 },
    {},
  ],
  [
    'is a little behind',
    'does not lead: node-1 holds the lease, and node-2 comes before it: it has 10 bytes more',
    data({ offset: 890 }),
    {},
  ],
  [
    'has an older term',
    'does not lead: node-1 holds the lease, and node-2 comes before it: its data reach term 3, not only 2',
    data({ replid: 'h2', offset: 400 }),
    {},
  ],
  ['has priority 0', 'may not lead: its priority is 0', { priority: 0 }, {}],
  ['has no Redis', 'may not lead: its Redis is down, hangs or loads', { position: null }, {}],
  [
    'is in a resync',
    'may not lead: its data are not whole: a full resync has not ended',
    data({ whole: false }),
    {},
  ],
  [
    'is empty',
    'may not lead: it is empty, and the set has had data',
    data({ replid: 'new', keys: 0 }),
    {},
  ],
  [
    'has a branch',
    'may not lead: its data have a branch that was given up: writes that the leaders since have not',
    data({ replid: 'h2', offset: 600 }),
    {},
  ],
  [
    'has foreign data',
    'may not lead: its data belong to no recorded history',
    data({ replid: 'new' }),
    {},
  ],
  [
    'has foreign data before anybody led',
    'does not lead: nobody holds the lease',
    data({ replid: 'new' }),
    { initialized: false, lineage: [], holder: null },
  ],
])('a pod that %s', (_name, sentence, change, record) => {
  expect(ofNode0(change, record)).toBe(sentence);
});

test('the lower ordinal decides between equals', () => {
  expect(explanation('node-2', aSet([aState(0), leader, aState(2)]))).toBe(
    'does not lead: node-1 holds the lease, and node-0 comes before it: the lower ordinal decides',
  );
});

test('who is silent may not lead, and may hold the lease', () => {
  expect(explanation('node-2', aSet([leader]))).toBe('may not lead: its agent does not answer');
  expect(explanation('node-1', aSet([]))).toBe('holds the lease, and its agent does not answer');
});

test('a holder that accepts no writes says what it does, and what is wrong with its data', () => {
  const foreign = { ...data({ replid: 'new' }), reason: 'takeover-not-fit' };
  const holder = aState(1, foreign);
  expect(explanation('node-1', aSet([holder]))).toBe(
    'holds the lease of term 3 and accepts no writes (takeover-not-fit): its data belong to no recorded history',
  );
  expect(explanation('node-1', aSet([aState(1, { reason: 'promote' })]))).toBe(
    'holds the lease of term 3 and accepts no writes (promote)',
  );
});

test('a pod of the same name that was made anew does not hold the lease', () => {
  expect(explanation('node-1', aSet([aState(1, { uid: 'uid-1b' })]))).toMatch(/^does not lead/);
});

test('nothing is to be said of a set that is led', () => {
  expect(notes(aSet([leader]))).toEqual([]);
});

test('when nobody has the data, the way out is named', () => {
  const empty = [0, 2].map((n) => aState(n, data({ replid: 'new', keys: 0 })));
  expect(notes(aSet(empty, { holder: null }))).toEqual([
    expect.stringContaining('regent failover --to POD --accept-data-loss'),
  ]);
  expect(notes(aSet(empty, { holder: null, initialized: false, lineage: [] }))).toEqual([]);
});

test('a strict set without a quorum says so', () => {
  const alone = { ...aSet([aState(0)], { holder: null, requiredReplicas: 1 }) };
  expect(notes(alone)).toEqual([]);
  expect(notes({ ...alone, self: aSelf({ durability: aStrictSet }) })).toEqual([
    expect.stringContaining('Too few members answer'),
  ]);
});
