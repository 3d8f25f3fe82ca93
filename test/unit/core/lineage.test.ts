import { expect, test } from '@jest/globals';
import { ancestorsMax, extended, standing, type Ancestor } from '../../../agent/core/lineage.ts';
import { aPosition } from '../../support/turn.ts';

const lineage: readonly Ancestor[] = [
  { term: 1, replid: 'h1', offset: 0 },
  { term: 2, replid: 'h2', offset: 300 },
  { term: 3, replid: 'h3', offset: 500 },
];

test.each([
  [
    'of the present history',
    { replid: 'h3', offset: 900 },
    { kind: 'on-line', term: 3, offset: 900 },
  ],
  [
    'of an older history up to its fork',
    { replid: 'h2', offset: 500 },
    { kind: 'on-line', term: 2, offset: 500 },
  ],
  [
    'of an older history beyond its fork',
    { replid: 'h2', offset: 501 },
    { kind: 'off-line', why: 'branch' },
  ],
  [
    'of a history that nobody recorded',
    { replid: 'x', offset: 1 },
    { kind: 'off-line', why: 'foreign' },
  ],
  [
    'in the middle of a resync',
    { replid: 'h3', whole: false },
    { kind: 'off-line', why: 'incomplete' },
  ],
  ['without a key and of unknown history', { replid: 'x', keys: 0 }, { kind: 'empty' }],
  [
    'without a key and of known history',
    { replid: 'h3', keys: 0, offset: 900 },
    { kind: 'on-line', term: 3, offset: 900 },
  ],
  [
    'of a promotion that was never recorded, with the pings since',
    { replid: 'x', replid2: 'h3', forkOffset: 800, offset: 828 },
    { kind: 'on-line', term: 3, offset: 800 },
  ],
  [
    'of an unrecorded promotion from beyond a fork',
    { replid: 'x', replid2: 'h2', forkOffset: 600, offset: 600 },
    { kind: 'off-line', why: 'branch' },
  ],
  [
    'whose offset was only noted, of the present history',
    { replid: 'h3', offset: 900, exact: false },
    { kind: 'on-line', term: 3, offset: 900 },
  ],
  [
    'whose offset was only noted, and that may go beyond a fork that came since',
    { replid: 'h1', offset: 1, exact: false },
    { kind: 'off-line', why: 'branch' },
  ],
])('data %s are placed on the recorded lineage', (_, position, expected) => {
  expect(standing(aPosition(position), lineage)).toEqual(expected);
});

test('a leader that had less than the one before it makes a branch of what that one had more', () => {
  const behind = [...lineage.slice(0, 2), { term: 3, replid: 'h3', offset: 250 }];
  const position = aPosition({ replid: 'h1', offset: 280 });
  expect(standing(position, behind)).toEqual({ kind: 'off-line', why: 'branch' });
});

test('the lineage keeps the newest beginnings only', () => {
  let grown: readonly Ancestor[] = [];
  for (let term = 1; term <= ancestorsMax + 2; term += 1) {
    grown = extended(grown, { term, replid: `h${term}`, offset: term });
  }
  expect(grown).toHaveLength(ancestorsMax);
  expect(grown.at(0)?.term).toBe(3);
  expect(grown.at(-1)?.term).toBe(ancestorsMax + 2);
});

test('what a replica received after its leader was fenced for good is no branch', () => {
  const ended: readonly Ancestor[] = [
    { term: 1, replid: 'h1', offset: 0, end: 300 },
    { term: 2, replid: 'h2', offset: 300 },
    { term: 3, replid: 'h3', offset: 310 },
  ];
  const at = (offset: number, exact = true): unknown =>
    standing(aPosition({ replid: 'h1', offset, exact }), ended);
  expect(at(328)).toEqual({ kind: 'on-line', term: 1, offset: 300 });
  expect(at(290)).toEqual({ kind: 'on-line', term: 1, offset: 290 });
  // The log has more than the note says, and no more than the history.
  expect(at(290, false)).toEqual({ kind: 'on-line', term: 1, offset: 290 });
  const unrecorded = { replid: 'x', replid2: 'h1', forkOffset: 328, offset: 342 };
  expect(standing(aPosition(unrecorded), ended)).toMatchObject({ term: 1, offset: 300 });
});
