import type { Log } from '../../../agent/log.ts';

function nothing(): void {
  // Nobody reads the log of a unit test.
}

/** A log that goes nowhere. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
