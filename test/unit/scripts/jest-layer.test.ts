import { expect, test } from '@jest/globals';
import { tallyOf } from '../../../scripts/layers/jest-layer.ts';

const report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

test('tests that passed are counted', () => {
  expect(tallyOf(report, 0)).toEqual({ passed: 5, failed: 0 });
});

test.each([
  ['a failed test', { numFailedTests: 1 }],
  ['a skipped test', { numPendingTests: 1 }],
  ['a test that is yet to be written', { numTodoTests: 1 }],
  ['a file that cannot be loaded', { numRuntimeErrorTestSuites: 1 }],
])('%s counts as one failure', (_, found) => {
  expect(tallyOf({ ...report, ...found }, 1)).toEqual({ passed: 5, failed: 1 });
});

test('a layer without a test has failed', () => {
  expect(tallyOf({ ...report, numPassedTests: 0 }, 0)).toEqual({ passed: 0, failed: 1 });
});

test.each([1, null])('a run that ends with %p has failed', (exitCode) => {
  expect(tallyOf(report, exitCode)).toEqual({ passed: 5, failed: 1 });
});
