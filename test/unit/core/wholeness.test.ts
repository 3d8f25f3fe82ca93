import { expect, test } from '@jest/globals';
import { judged, type Look, type Wholeness } from '../../../agent/core/wholeness.ts';

function aLook(change: Partial<Look> = {}): Look {
  return { role: 'replica', replid: 'h3', replid2: null, syncing: false, linkUp: true, ...change };
}

function after(...looks: readonly Partial<Look>[]): boolean | undefined {
  let judgement: Wholeness | null = null;
  for (const look of looks) judgement = judged(judgement, aLook(look));
  return judgement?.whole;
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
