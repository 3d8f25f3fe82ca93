import { decide } from '../../agent/core/decide.ts';
import type { Confirmation } from '../../agent/core/observation.ts';
import type { MonotonicMs } from '../../agent/core/units.ts';

/** What the agents of a world run: the real core, or one with a planted bug. */
export interface Variant {
  readonly decide: typeof decide;
  /** What the shell notes of an own write that was confirmed `nowMs`. */
  readonly confirmation: (sent: Confirmation, nowMs: MonotonicMs) => Confirmation;
}

/** The agent as it is. */
export const real: Variant = {
  decide,
  confirmation: ({ term, sentAtMs }) => ({ term, sentAtMs }),
};
