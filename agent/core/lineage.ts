/**
 * Which data sets belong to the set's history, and how far along it each is.
 *
 * Every promotion begins a new history in Redis: a new replication id that continues the count of
 * the old one. The Lease keeps the last of these beginnings. With them a data set can be placed: on
 * the line, off it (a branch that was given up, or data from elsewhere), or empty. Offsets of two
 * histories are never compared; that is the fault by which an old primary's discarded writes come
 * back and overwrite acknowledged ones.
 */

/** The beginning of one leader's history. */
export interface Ancestor {
  readonly term: number;
  /** Redis' `master_replid` of this leader. */
  readonly replid: string;
  /** Bytes; where in the history before it this one begins. */
  readonly offset: number;
  /**
   * Bytes; where its last write ends, when its leader was fenced for good before it named the next
   * one. Pings come after that, and keys that expire, and replicas receive them.
   */
  readonly end?: number;
}

/** How many ancestors the Lease keeps. A data set that is older than all of them is unknown. */
export const ancestorsMax = 16;

/** The data set of one Redis: which history it holds, how much of it, and whether it is whole. */
export interface Position {
  readonly role: 'primary' | 'replica';
  readonly replid: string;
  /** The history before the last promotion of this Redis, `null` when there was none. */
  readonly replid2: string | null;
  /** Bytes of `replid2` that are shared with `replid`; meaningless when `replid2` is `null`. */
  readonly forkOffset: number;
  /** Bytes of the history that are applied here. */
  readonly offset: number;
  /**
   * Whether `offset` is Redis' own. After a restart from an append-only file it is the agent's note,
   * which runs behind the data by up to a few seconds.
   */
  readonly exact: boolean;
  /** Keys in all databases. Zero is an empty data set, whatever the offset says. */
  readonly keys: number;
  /**
   * False while a full resync is under way, when the data set is about to be thrown away, and until
   * what it brought has been loaded.
   */
  readonly whole: boolean;
  /**
   * Whether this process of Redis has had all that its pod ever acknowledged in this history: it is its
   * primary, or has come as far as that was after the process started. What comes from a disk may be
   * older, and a link that is up is no proof.
   */
  readonly streamed: boolean;
  /** The term that was noted beside the data on disk, 0 when nothing was noted. */
  readonly notedTerm: number;
}

/** Where a data set stands with respect to the recorded lineage. */
export type Standing =
  | { readonly kind: 'on-line'; readonly term: number; readonly offset: number }
  | { readonly kind: 'off-line'; readonly why: 'branch' | 'foreign' | 'incomplete' }
  | { readonly kind: 'empty' };

/** Places a data set on the recorded lineage. */
export function standing(position: Position, lineage: readonly Ancestor[]): Standing {
  if (!position.whole) return { kind: 'off-line', why: 'incomplete' };
  const own = lineage.findLastIndex((ancestor) => ancestor.replid === position.replid);
  const found = own >= 0 ? place(lineage, own, position) : placeByFork(position, lineage);
  // A known replication id is proof by itself: a set whose last key was deleted is no empty restart.
  if (found.kind === 'on-line') return found;
  return position.keys === 0 ? { kind: 'empty' } : found;
}

function place(
  lineage: readonly Ancestor[],
  index: number,
  { offset, exact }: Pick<Position, 'offset' | 'exact'>,
): Standing {
  const ancestor = lineage[index];
  if (ancestor === undefined) return { kind: 'off-line', why: 'foreign' };
  const { term, end = Infinity } = ancestor;
  const written = Math.min(offset, end);
  // Beyond a fork this data set holds what the later leader never had: a discarded branch. Of all
  // later forks, not only the next: a leader may have come that had less than the one before it.
  // Where the offset is only noted, the data may well go to the end of the history.
  const most = exact ? written : end;
  const isBranch = lineage.slice(index + 1).some((later) => most > later.offset);
  if (isBranch) return { kind: 'off-line', why: 'branch' };
  return { kind: 'on-line', term, offset: written };
}

/**
 * A Redis that was promoted, but whose leader did not live to record it, and the replicas of such a
 * one: an unknown history on top of a known one. Nobody lifts a fence before the history is recorded,
 * so that the new part holds pings and expired keys, and no write that anybody waits for. The data
 * count for what they share with the known history, as far as they know: a replica takes where it went over
 * itself for the fork, and may have had the rest of the known history from the promoted one after that. So
 * of two that count the same, who has more is preferred (ranking.ts, I6).
 */
function placeByFork(position: Position, lineage: readonly Ancestor[]): Standing {
  const parent = lineage.findLastIndex((ancestor) => ancestor.replid === position.replid2);
  if (position.replid2 === null || parent < 0) return { kind: 'off-line', why: 'foreign' };
  const offset = Math.min(position.offset, position.forkOffset);
  return place(lineage, parent, { offset, exact: position.exact });
}

/** The lineage after a leader was fenced for good at `end` of its history. */
export function ended(
  lineage: readonly Ancestor[],
  { replid, offset: end }: Pick<Ancestor, 'replid' | 'offset'>,
): readonly Ancestor[] {
  return lineage.map((one) => (one.replid === replid ? { ...one, end } : one));
}

/** The lineage with one more beginning, cut to the newest `ancestorsMax`. */
export function extended(lineage: readonly Ancestor[], next: Ancestor): readonly Ancestor[] {
  return [...lineage, next].slice(-ancestorsMax);
}
