import { expect, test } from '@jest/globals';
import { Rivalry, type Rivals } from '../../../scripts/workload/rivalry.ts';

/** The rivals found in writes that each took a millisecond, given as `pod@ms`. */
function rivalsIn(...writes: string[]): (Rivals | null)[] {
  const rivalry = new Rivalry();
  return writes.map((write) => {
    const [pod = '', at = ''] = write.split('@');
    return rivalry.add({ pod, sentMs: Number(at), atMs: Number(at) + 1 });
  });
}

test('a pod that takes a write between two writes that another took is a rival', () => {
  expect(rivalsIn('a@0', 'b@10', 'a@20')).toEqual([null, null, { first: 'a', second: 'b' }]);
});

test('both of two pods that take writes all the time are found', () => {
  const found = rivalsIn('a@0', 'b@2', 'a@10', 'b@12').filter((rivals) => rivals !== null);
  expect(found).toEqual([
    { first: 'a', second: 'b' },
    { first: 'b', second: 'a' },
  ]);
});

test('a lead that moves from one pod to the next has no rivals, however fast it moves', () => {
  expect(rivalsIn('a@0', 'a@10', 'b@10', 'b@11', 'c@12')).toEqual([null, null, null, null, null]);
});

test('a lead that comes back after more than a second has no rivals', () => {
  expect(rivalsIn('a@0', 'b@500', 'a@1100')).toEqual([null, null, null]);
});

test('writes that overlap prove nothing, since either may have come first', () => {
  const rivalry = new Rivalry();
  rivalry.add({ pod: 'a', sentMs: 0, atMs: 10 });
  rivalry.add({ pod: 'b', sentMs: 5, atMs: 15 });
  expect(rivalry.add({ pod: 'a', sentMs: 14, atMs: 20 })).toBeNull();
});
