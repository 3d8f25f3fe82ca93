import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rangesOf } from '../../../scripts/workload/checker.ts';

test('numbers in a row are one range, and a gap begins another', () => {
  expect(rangesOf([1, 2, 3, 7, 9, 10])).toEqual([
    [1, 3],
    [7, 7],
    [9, 10],
  ]);
  expect(rangesOf([])).toEqual([]);
});

test('the ranges hold exactly the numbers', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), (numbers) => {
      const ascending = numbers.toSorted((one, other) => one - other);
      const inRanges = rangesOf(ascending).flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      expect(inRanges).toEqual(ascending);
    }),
  );
});
