/** A clock that was set by less than this is taken for one that was not, in milliseconds. */
const stepMinMs = 100;

let originMs = performance.timeOrigin;

/**
 * Milliseconds since 1970 with a fraction. Unlike `Date.now()` it does not jump when somebody sets
 * the clock, so differences within one process hold.
 */
export function wallClockMs(): number {
  return Math.round((originMs + performance.now()) * 1000) / 1000;
}

/**
 * Takes over what the clock of the machine was set to. Programs that begin later have the new time, and
 * who compares its own with theirs for hours would be wrong from then on: before each run.
 */
export function adoptClock(): void {
  const stepMs = Date.now() - wallClockMs();
  if (Math.abs(stepMs) >= stepMinMs) originMs += stepMs;
}
