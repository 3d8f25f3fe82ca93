/**
 * Whether the data set of a replica is whole, judged from what Redis says of itself over time.
 *
 * Redis reports a link as up as much as a second before writes flow over it, and a full resync may
 * begin and end between two looks. So a full resync is taken from the change of the replication id:
 * a partial one keeps the old id as `replid2`, a full one forgets it. After a full resync the data
 * count as whole once the offset has moved with the link up (protocol fact 5).
 */

/** What the judgement needs of one look at Redis. */
export interface Look {
  readonly role: 'primary' | 'replica';
  readonly replid: string;
  readonly replid2: string | null;
  readonly offset: number;
  /** A full resync is under way. */
  readonly syncing: boolean;
  readonly linkUp: boolean;
}

/** The judgement after some looks. */
export interface Wholeness {
  readonly whole: boolean;
  readonly replid: string;
  /** The offset from which a move counts; `null` while there is nothing to prove. */
  readonly provenBeyond: number | null;
}

/** Judges one more look. `before` is `null` at the first look at this Redis process. */
export function judged(before: Wholeness | null, look: Look): Wholeness {
  const { replid, offset } = look;
  if (look.syncing) return { whole: false, replid, provenBeyond: null };
  // The data of a process that has just started come from its disk: a whole, if old, data set.
  if (before === null || look.role === 'primary')
    return { whole: true, replid, provenBeyond: null };
  const replaced = before.replid !== replid && look.replid2 !== before.replid;
  const ended = !before.whole && before.provenBeyond === null;
  if (replaced || ended) return { whole: false, replid, provenBeyond: offset };
  if (before.whole) return { whole: true, replid, provenBeyond: null };
  const moved = look.linkUp && before.provenBeyond !== null && offset > before.provenBeyond;
  return moved
    ? { whole: true, replid, provenBeyond: null }
    : { whole: false, replid, provenBeyond: before.provenBeyond };
}
