import { expect, test } from '@jest/globals';
import {
  judged,
  leaderOffsetIn,
  type Look,
  type Wholeness,
} from '../../../agent/core/wholeness.ts';
import { aPeer, aPosition, aPrimary, ago, anInquiry } from '../../support/turn.ts';

function aLook(change: Partial<Look> = {}): Look {
  const position = { role: 'replica', replid: 'h3', replid2: null, offset: 900 } as const;
  return { ...position, leaderOffset: null, syncing: false, linkUp: true, ...change };
}

function afterAll(looks: readonly Partial<Look>[]): Wholeness | null {
  let judgement: Wholeness | null = null;
  for (const look of looks) judgement = judged(judgement, aLook(look));
  return judgement;
}

function after(...looks: readonly Partial<Look>[]): boolean | undefined {
  return afterAll(looks)?.whole;
}

const own: Partial<Look> = { replid: 'h2', linkUp: false };

test.each<[string, readonly Partial<Look>[], boolean]>([
  ['that a process loaded from its disk', [own], true],
  ['during a full resync', [own, { ...own, syncing: true }], false],
  ['after a full resync that was seen to end', [own, { ...own, syncing: true }, {}], true],
  ['after a full resync that nobody saw', [own, {}], true],
  ['after a partial resync', [own, { replid2: 'h2' }], true],
  ['after a full resync from the same history', [{}, { syncing: true }, {}], true],
  ['after a full resync that broke off', [{}, { syncing: true }, { linkUp: false }], false],
  ['when a broken resync is made good', [{}, { syncing: true }, { linkUp: false }, {}], true],
  ['of a primary', [{ syncing: true }, { role: 'primary', linkUp: false }], true],
])('data %s count as whole or not', (_, looks, isWhole) => {
  expect(after(...looks)).toBe(isWhole);
});

test.each<[string, readonly Partial<Look>[], boolean]>([
  ['that a disk held, over a link that is up', [{}], false],
  ['behind what the leader has', [{ leaderOffset: 901 }], false],
  ['that the leader had when it was asked', [{ leaderOffset: 900 }], true],
  [
    'that a link since brought there',
    [{ leaderOffset: 901 }, { leaderOffset: 901, offset: 901 }],
    true,
  ],
  ['that were complete before the link broke', [{ leaderOffset: 900 }, { linkUp: false }], true],
  ['of a full resync that has ended', [own, { ...own, syncing: true }, {}], true],
  [
    'of a full resync that broke off',
    [{ leaderOffset: 900 }, { syncing: true }, { linkUp: false }],
    false,
  ],
  ['of a primary', [{ role: 'primary', linkUp: false }], true],
])('data %s are all that was acknowledged here, or not', (_, looks, isStreamed) => {
  expect(afterAll(looks)?.streamed).toBe(isStreamed);
});

test('only what the leader of the same history says after the process began counts', () => {
  const leader = aPeer(1, { position: { ...aPrimary().position, offset: 950 } });
  const heard = { peers: [aPeer(2), leader], inquiry: anInquiry(ago(60)) };
  expect(leaderOffsetIn(heard, 'h3', ago(60))).toBe(950);
  expect(leaderOffsetIn(heard, 'h3', ago(59))).toBeNull();
  expect(leaderOffsetIn(heard, 'h2', ago(60))).toBeNull();
  expect(
    leaderOffsetIn({ ...heard, peers: [aPeer(1, { position: aPosition() })] }, 'h3', ago(60)),
  ).toBeNull();
  expect(leaderOffsetIn({ ...heard, inquiry: anInquiry(ago(40)) }, 'h3', ago(60))).toBeNull();
  const late = { ...leader, askedAtMs: ago(61) };
  expect(leaderOffsetIn({ ...heard, peers: [late] }, 'h3', ago(60))).toBeNull();
});
