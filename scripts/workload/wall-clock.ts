/**
 * Milliseconds since 1970 with a fraction. Unlike `Date.now()` it does not jump when somebody sets
 * the clock, so differences within one process hold.
 */
export function wallClockMs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
}
