import type { Takeover } from '../../agent/core/decision.ts';
import { aPeer, aRecordOfOurs, aSight, ago, anObservation, type Situation } from './turn.ts';

/** A takeover that began a while ago, and has not promoted yet. */
export const takeover: Takeover = { term: 4, sinceMs: ago(400), promoted: null };

/** A member that has just claimed the Lease, and whose peers have answered. */
export function aClaimant(
  change: Partial<Situation['seen']> = {},
  remembered: Partial<Takeover> = {},
): Situation {
  return {
    memory: { takeover: { ...takeover, ...remembered } },
    seen: anObservation({
      lease: aSight(aRecordOfOurs({ term: 4 })),
      confirmed: { term: 4, sentAtMs: ago(300) },
      peers: [aPeer(1), aPeer(2)],
      route: { term: 4, address: '10.0.0.1' },
      ...change,
    }),
  };
}
