/**
 * The history that a promoted Redis has forgotten.
 *
 * A primary that never had a replica begins a history without a past when its first one comes, and
 * the agent makes it do so before the promotion is recorded (redis/backlog.ts). What the data were
 * known as before is kept here for as long as Redis bears that history, be it as a primary or, once
 * the promotion has failed, as a replica of nowhere: without it, data that nobody recorded would be
 * of unknown origin, and could never lead again.
 */
import type { Position } from './lineage.ts';

/** What the data were known as. */
export interface FormerHistory {
  readonly replid: string;
  readonly offset: number;
  readonly exact: boolean;
  /** The history that the promotion made up; `null` until it was seen. */
  readonly next: string | null;
}

/** What data are to be known by after the promotion that is about to make a history without a past. */
export function formerOf(seen: Pick<Position, 'replid' | 'offset' | 'exact'>): FormerHistory {
  const { replid, offset, exact } = seen;
  return { replid, offset, exact, next: null };
}

/**
 * Whether a promotion has begun, and not come to its end: Redis is a primary whose history goes with its
 * first replica. The command may have been carried out after nobody waited for it any more.
 */
export function isHalfPromoted(
  former: FormerHistory | null,
  { role, hasBacklog }: Pick<Found, 'role' | 'hasBacklog'>,
): former is FormerHistory {
  return former?.next === null && role === 'primary' && !hasBacklog;
}

/**
 * The position of data whose promotion has not come to its end: they are what they were, of a replica, so
 * that they are promoted once more. As a primary's they would be of unknown origin.
 */
export function unpromoted({ replid, offset, exact }: FormerHistory, seen: Position): Position {
  return { ...seen, role: 'replica', replid, replid2: null, offset, exact };
}

/** Data as one look at Redis finds them. */
export interface Found extends Position {
  /** They were replicated from somewhere, or to somebody, by this process of Redis. */
  readonly hasBacklog: boolean;
}

/** The same data, at one more look at Redis; `null` when it has another history by now. */
export function stillFormer(former: FormerHistory | null, seen: Found): FormerHistory | null {
  if (former === null) return null;
  if (former.next === null) {
    // Data of another came before the promotion did.
    if (seen.role === 'replica' && seen.hasBacklog) return null;
    // Not promoted yet, or promoted and with its past: that is about to go.
    const hasForgotten = seen.role === 'primary' && seen.replid2 === null;
    return hasForgotten ? { ...former, next: seen.replid } : former;
  }
  return seen.replid === former.next ? former : null;
}

/** The position with the past that Redis has forgotten. */
export function withPast(former: FormerHistory | null, seen: Position): Position {
  if (former === null || seen.replid !== former.next || seen.replid2 !== null) return seen;
  const { replid, offset, exact } = former;
  return { ...seen, replid2: replid, forkOffset: offset, exact };
}
