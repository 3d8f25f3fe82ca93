import type { Decision } from '../core/decision.ts';
import type { Observation } from '../core/observation.ts';
import type { MonotonicMs } from '../core/units.ts';
import type { Announcement } from './announcements.ts';

/**
 * A leader without the API server: from its first question for promises to its first write that was
 * confirmed. Told when it is over; while it lasts no Event could be written.
 */
export class Outage {
  #sinceMs: MonotonicMs | null = null;

  /** Takes in one turn; gives what is to be announced of an outage that has just ended. */
  turn({ reason }: Decision, { nowMs, leaseFailedAtMs }: Observation): Announcement | null {
    if (reason === 'ask-promises') this.#sinceMs ??= nowMs;
    // Somebody else leads: it did not end well, and the fence was announced.
    if (reason === 'following' || reason === 'follow-leader') this.#sinceMs = null;
    if (this.#sinceMs === null || leaseFailedAtMs !== null) return null;
    const forMs = Math.round(nowMs - this.#sinceMs);
    this.#sinceMs = null;
    return {
      type: 'Warning',
      reason: 'ApiServerAway',
      message: `The API server was away for ${forMs} ms: the other pods were asked for their promises`,
    };
  }
}
