import { expect, test } from '@jest/globals';
import type { LeaseRecord } from '../../../agent/core/lease.ts';
import type { Position } from '../../../agent/core/lineage.ts';
import { hasWithdrawn, isQuorum, type Answered } from '../../../agent/core/quorum.ts';
import {
  aPeer,
  aPosition,
  aPrimary,
  aRecord,
  aRedis,
  aSelf,
  aStrictSet,
  anAsyncSet,
} from '../../support/turn.ts';

const strict = aSelf({ durability: aStrictSet });
const guarded: LeaseRecord = aRecord({ requiredReplicas: 1 });

function left(change: Partial<Position> = {}): Answered {
  return { position: aPosition(change), withdrawn: true, term: 3 };
}

function isEnough(answered: readonly Answered[], record = guarded, self = strict): boolean {
  return isQuorum(self, record, answered, { ...aPeer(1), position: aPosition() });
}

test('with one copy for each write, both replicas of three pods have to have left the leader', () => {
  expect(isEnough([left()])).toBe(false);
  expect(isEnough([left(), left()])).toBe(true);
});

test('a member that still follows the old leader does not count: it may go on acknowledging', () => {
  expect(isEnough([left(), { ...left(), withdrawn: false }])).toBe(false);
});

test('a member that read its data from a disk does not count: they may be older', () => {
  expect(isEnough([left(), left({ streamed: false })])).toBe(false);
});

test('a member that was not there in the last term does not count', () => {
  expect(isEnough([left(), left({ replid: 'h2', offset: 400 })])).toBe(false);
});

test('when every member answers nobody can have more', () => {
  const disks = left({ streamed: false });
  expect(isEnough([disks, disks, disks])).toBe(true);
  expect(isEnough([disks, disks, { position: null, withdrawn: false, term: 3 }])).toBe(false);
});

test('a member that has not left counts for nothing, be it empty', () => {
  const disk = left({ streamed: false });
  const empty = left({ replid: 'x', keys: 0 });
  expect(isEnough([disk, disk, empty])).toBe(true);
  expect(isEnough([disk, disk, { ...empty, withdrawn: false }])).toBe(false);
});

test('a fenced primary and a replica of nowhere have withdrawn, while no promise binds them', () => {
  expect(hasWithdrawn(aPrimary({ fenced: true }), false)).toBe(true);
  expect(hasWithdrawn(aPrimary(), false)).toBe(false);
  expect(hasWithdrawn(aRedis({ source: null }), false)).toBe(true);
  expect(hasWithdrawn(aRedis(), false)).toBe(false);
  expect(hasWithdrawn(aRedis({ source: null }), true)).toBe(false);
  expect(hasWithdrawn(aRedis({ source: null, answered: false }), false)).toBe(false);
});

test('a primary that may still take writes has more by the time that somebody else is promoted', () => {
  const disk = left({ streamed: false });
  const former = left({ role: 'primary' });
  expect(isEnough([disk, disk, former])).toBe(true);
  expect(isEnough([disk, disk, { ...former, withdrawn: false }])).toBe(false);
  // Shut, and not for good: promises may still bind others to it.
  expect(isEnough([disk, disk, { ...former, term: 2 }])).toBe(false);
  expect(isEnough([left(), former])).toBe(true);
  expect(isEnough([left(), { ...former, term: 2 }])).toBe(false);
});

test('a set that went on without copies can be led by its last leader alone', () => {
  const degraded = aRecord({ requiredReplicas: 0 });
  expect(isEnough([left(), left()], degraded)).toBe(false);
  const leader = { ...aPeer(1), position: aPosition({ role: 'primary' }) };
  expect(isQuorum(strict, degraded, [left()], leader)).toBe(true);
});

test('who has all of a history that was ended for good needs nobody else', () => {
  const lineage = [{ term: 3, replid: 'h3', offset: 500, end: 900 }];
  const ended = aRecord({ requiredReplicas: 1, lineage });
  const alone = (change: Partial<Position>, record = ended): boolean =>
    isQuorum(strict, record, [left(change)], { ...aPeer(1), position: aPosition(change) });
  expect(alone({ offset: 900 })).toBe(true);
  expect(alone({ offset: 899 })).toBe(false);
  // A note beside the data runs behind them: what it says may be less than what is there, and more.
  expect(alone({ offset: 900, exact: false })).toBe(false);
  expect(alone({ offset: 900 }, guarded)).toBe(false);
  const later = [...lineage, { term: 4, replid: 'h4', offset: 900 }];
  expect(alone({ offset: 900 }, { ...ended, lineage: later })).toBe(false);
});

test('where no strict quorum is asked for, one is enough', () => {
  expect(isEnough([left()], guarded, aSelf({ durability: anAsyncSet }))).toBe(true);
});
