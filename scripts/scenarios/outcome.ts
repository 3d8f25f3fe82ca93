import type { Acknowledged, Answered, Gap } from '../workload/record.ts';

/** What came of one run of one case. Times are milliseconds. */
export interface Outcome {
  readonly scenario: string;
  readonly case: string;
  /** Counted from 1. */
  readonly run: number;
  /** The longest pause between two acknowledged writes of a client of the leader Service. */
  readonly serviceGapMs: number | null;
  /** The longest pause in which no pod took a write that was sent to it directly. */
  readonly podsGapMs: number | null;
  /** Each pause at the pods after which another pod took writes, in the order of time. */
  readonly handOverGapsMs: readonly number[];
  /**
   * For how long new connections through the leader Service met a replica while some pod led; `null` if
   * none did, or if somebody had broken the set by hand.
   */
  readonly strayMs: number | null;
  readonly acknowledgedCount: number;
  /** Acknowledged writes that the set does not have afterwards. */
  readonly lostCount: number;
  /** What did not hold. Nothing here means that the run is passed. */
  readonly objections: readonly string[];
  /** Further figures, by what they are. */
  readonly figures: Readonly<Record<string, number | string>>;
}

/** The longest time between two acknowledgements of one client; `null` with fewer than two. */
export function longestGapMs(acknowledged: readonly Acknowledged[]): number | null {
  let longestMs: number | null = null;
  for (const [index, { atMs }] of acknowledged.entries()) {
    const before = acknowledged[index - 1];
    if (before !== undefined) longestMs = Math.max(longestMs ?? 0, atMs - before.atMs);
  }
  return longestMs;
}

/**
 * The longest time for which new connections met a replica although some pod took writes; `null` when none
 * met one then. While nobody leads, as when all of the leader's pod has died and its Redis is back first,
 * there is nobody else whom a Service could lead them to.
 */
export function longestStrayMs(
  answered: readonly Pick<Answered, 'role' | 'atMs'>[],
  gaps: readonly Pick<Gap, 'fromMs' | 'atMs'>[],
): number | null {
  // A change of something else than the role ends no span.
  const answers = answered.filter(({ role }, index) => role !== answered[index - 1]?.role);
  const strays = answers.flatMap(({ role, atMs }, index) => {
    const untilMs = answers[index + 1]?.atMs ?? atMs;
    const overlaps = gaps.map((gap) => Math.min(untilMs, gap.atMs) - Math.max(atMs, gap.fromMs));
    const leaderlessMs = overlaps.reduce((sum, overlapMs) => sum + Math.max(0, overlapMs), 0);
    return role === 'slave' ? [untilMs - atMs - leaderlessMs] : [];
  });
  return maximum(strays.filter((strayMs) => strayMs > 0));
}

/** The longest of some gaps; `null` when there is none. */
export function maximum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
