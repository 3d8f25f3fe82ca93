import type { Acknowledged, Stale } from '../../workload/record.ts';

/** What one application had from one event. */
export interface Verdict {
  /**
   * The longest pause between two acknowledged writes, of those that ended after the event began;
   * `null` when no write was acknowledged any more.
   */
  readonly gapMs: number | null;
  /** Acknowledged writes that are not there in the end. */
  readonly lostCount: number;
  /** Reads that were answered without a write that had been acknowledged before, and is there. */
  readonly staleCount: number;
}

/**
 * @param acknowledged in the order in which it happened
 * @param missing numbers of acknowledged writes that are not there in the end
 */
export function verdictOf(
  { acknowledged, stale }: { acknowledged: readonly Acknowledged[]; stale: readonly Stale[] },
  missing: readonly number[],
  eventMs: number,
): Verdict {
  const gone = new Set(missing);
  const pauses = acknowledged.flatMap(({ atMs }, index) => {
    const before = acknowledged[index - 1];
    return before !== undefined && atMs > eventMs ? [atMs - before.atMs] : [];
  });
  return {
    gapMs: pauses.length === 0 ? null : Math.max(...pauses),
    lostCount: gone.size,
    // One that nobody has any more was lost, and is counted as that.
    staleCount: stale.filter(({ n }) => !gone.has(n)).length,
  };
}
