import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ancestor } from '../../../agent/core/lineage.ts';
import { best, maximumLagBytes, richest, type Candidate } from '../../../agent/core/ranking.ts';
import { aPosition } from '../../support/turn.ts';

const lineage: readonly Ancestor[] = [
  { term: 1, replid: 'h1', offset: 0 },
  { term: 2, replid: 'h2', offset: 500 },
];

function aCandidate(
  ordinal: number,
  position: Parameters<typeof aPosition>[0] = {},
  priority = 100,
): Candidate {
  const identity = { pod: `node-${ordinal}`, uid: `uid-${ordinal}`, address: `10.0.0.${ordinal}` };
  return { ...identity, ordinal, priority, position: aPosition({ replid: 'h2', ...position }) };
}

test.each([
  ['more of the same history', [aCandidate(0, { offset: 900 }), aCandidate(1, { offset: 901 })], 1],
  [
    'the newer history, whatever the offsets are',
    [aCandidate(0, { replid: 'h1', offset: 500 }), aCandidate(1, { offset: 500 })],
    1,
  ],
  ['the lower ordinal where all else is equal', [aCandidate(1), aCandidate(0)], 0],
  [
    'what goes on from the same place, be it in a history that nobody recorded (I6)',
    [
      aCandidate(0, { offset: 900 }),
      aCandidate(1, { replid: 'x', replid2: 'h2', forkOffset: 900, offset: 7000 }),
    ],
    1,
  ],
  [
    'more of a recorded history, whatever goes on in one that nobody recorded',
    [
      aCandidate(0, { offset: 901 }),
      aCandidate(1, { replid: 'x', replid2: 'h2', forkOffset: 900, offset: 7000 }),
    ],
    0,
  ],
  [
    'the lower priority number where the offsets are near',
    [aCandidate(0, { offset: 2000 }), aCandidate(1, { offset: 2000 - maximumLagBytes }, 10)],
    1,
  ],
  [
    'the offset where the favourite is too far behind',
    [aCandidate(0, { offset: 2000 }), aCandidate(1, { offset: 1999 - maximumLagBytes }, 10)],
    0,
  ],
  ['anybody but priority 0', [aCandidate(0, { offset: 9000 }, 0), aCandidate(1)], 1],
  ['anybody but a branch', [aCandidate(0, { replid: 'h1', offset: 9000 }), aCandidate(1)], 1],
  [
    'anybody but an unsynced one',
    [aCandidate(0, { offset: 9000, whole: false }), aCandidate(1)],
    1,
  ],
])('the best candidate is the one with %s', (_, candidates, winner) => {
  expect(best(candidates, lineage)?.ordinal).toBe(winner);
});

test('nobody is best where nobody is fit', () => {
  expect(best([], lineage)).toBeNull();
  expect(best([aCandidate(0, { replid: 'foreign' }), aCandidate(1, {}, 0)], lineage)).toBeNull();
});

test.each([
  [
    'noted in the later term',
    [
      { notedTerm: 2, keys: 9 },
      { notedTerm: 3, keys: 1 },
    ],
    1,
  ],
  ['with more keys', [{ keys: 9 }, { keys: 10 }], 1],
  ['with the greater offset', [{ offset: 10 }, { offset: 11 }], 1],
])('without a record the richest data set is the one %s', (_, positions, winner) => {
  const candidates = positions.map((position, ordinal) => aCandidate(ordinal, position));
  expect(richest(candidates)?.ordinal).toBe(winner);
});

const candidates = fc.uniqueArray(
  fc.record({
    ordinal: fc.nat(6),
    priority: fc.constantFrom(0, 10, 100),
    replid: fc.constantFrom('h1', 'h2', 'x'),
    offset: fc.nat(3000),
    exact: fc.boolean(),
    keys: fc.nat(3),
    whole: fc.boolean(),
    notedTerm: fc.nat(2),
  }),
  { selector: ({ ordinal }) => ordinal, maxLength: 6 },
);

function toCandidate(drawn: { ordinal: number; priority: number; replid: string }): Candidate {
  const { ordinal, priority, ...position } = drawn;
  return aCandidate(ordinal, position, priority);
}

test('two agents that see the same pods in any order choose the same one', () => {
  fc.assert(
    fc.property(candidates, fc.infiniteStream(fc.nat()), (drawn, order) => {
      const all = drawn.map(toCandidate);
      const keyed = all.map((one) => ({ one, key: order.next().value as number }));
      const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ one }) => one);
      expect(best(shuffled, lineage)).toEqual(best(all, lineage));
      expect(richest(shuffled)).toEqual(richest(all));
    }),
  );
});

test('who is added and not chosen changes nothing: the order is total', () => {
  fc.assert(
    fc.property(candidates, (drawn) => {
      const all = drawn.map(toCandidate);
      const winner = best(all, lineage);
      for (const other of all) {
        if (other === winner) continue;
        const rest = all.filter((one) => one !== other);
        // But for the distance that priorities may bridge, which is measured from the best offset.
        const isNear = all.every((one) => one.priority === all[0]?.priority);
        if (isNear) expect(best(rest, lineage)).toEqual(winner);
      }
    }),
  );
});

test('no data off the lineage, and no pod of priority 0, is ever chosen', () => {
  fc.assert(
    fc.property(candidates, (drawn) => {
      const winner = best(drawn.map(toCandidate), lineage);
      if (winner === null) return;
      const { replid, offset, whole } = winner.position;
      expect(winner.priority).toBeGreaterThan(0);
      expect(whole).toBe(true);
      expect(replid === 'h2' || (replid === 'h1' && offset <= 500)).toBe(true);
    }),
  );
});
