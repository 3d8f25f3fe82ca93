import { expect, jest, test } from '@jest/globals';
import { adoptClock, wallClockMs } from '../../../scripts/workload/wall-clock.ts';

test('a clock that is set changes no time until it is adopted, and then as a whole', () => {
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 22_000);
  expect(wallClockMs()).toBeLessThan(now + 20_000);
  adoptClock();
  expect(wallClockMs()).toBeGreaterThanOrEqual(now + 21_999);
  clock.mockRestore();
  adoptClock();
  expect(wallClockMs()).toBeLessThan(now + 20_000);
});
