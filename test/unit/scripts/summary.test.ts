import { expect, test } from '@jest/globals';
import { spread, summaryOf } from '../../../scripts/experiment/summary.ts';

const one = {
  acknowledgedCount: 500,
  lostCount: 2,
  writableAfterMs: 120.4,
  steps: [],
  failures: [],
};

test('one run is summed up by what it lost and how long it took', () => {
  expect(summaryOf([one])).toBe('lost 2 of 500 acknowledged writes, writable again after 120 ms');
});

test('many runs are summed up by the smallest, the middle and the largest time', () => {
  expect(summaryOf([one, { ...one, writableAfterMs: 80 }])).toBe(
    'lost 4 of 1000 acknowledged writes in 2 runs, ' +
      'writable again after 80 / 100 / 120 ms (minimum / median / maximum)',
  );
});

test('the median of an odd number of values is the one in the middle, in any order', () => {
  expect(spread([9, 1, 5])).toEqual({ minimum: 1, median: 5, maximum: 9 });
});
