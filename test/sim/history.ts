/**
 * What was truly written, apart from what replication ids and offsets claim: the ground truth that
 * the checker judges by.
 */

/** The writes of one primary from its promotion on, after what it took over. */
export interface History {
  readonly id: number;
  /** What it took over; `null` for one that began empty. */
  readonly parent: Content | null;
  /** How many writes were accepted. Each of them was acknowledged. */
  accepted: number;
  /** How many of them a replica had applied, and its acknowledgement had arrived: what WAIT 1 confirms. */
  confirmed: number;
  /**
   * Writes from this index on are not in the data set of a later leader: they were lost, and must
   * never come back.
   */
  lostFrom: number;
}

/** A data set: some first writes of a history, and all of what that one took over. */
export interface Content {
  readonly history: History;
  readonly count: number;
  /** Writes in the whole data set; each of them is a key. */
  readonly keys: number;
}

/** One step of a replication stream: the offset after it, and the data set after it. */
export interface Entry {
  readonly offset: number;
  /** When it was applied by the Redis whose stream this is. */
  readonly atMs: number;
  readonly content: Content;
}

let histories = 0;

/** A history that goes on from `parent`. */
export function newHistory(parent: Content | null): History {
  histories += 1;
  return { id: histories, parent, accepted: 0, confirmed: 0, lostFrom: Infinity };
}

/** A data set without a key. */
export function emptyContent(): Content {
  return { history: newHistory(null), count: 0, keys: 0 };
}

/** How many writes of `history` are in `content`. */
export function countIn(content: Content, history: History): number {
  for (let at: Content | null = content; at !== null; at = at.history.parent) {
    if (at.history === history) return at.count;
  }
  return 0;
}

/** Whether two data sets are equal. */
export function isEqual(a: Content, b: Content): boolean {
  const left = normal(a);
  const right = normal(b);
  return (
    (left.keys === 0 && right.keys === 0) ||
    (left.history === right.history && left.count === right.count)
  );
}

/** A history of which nothing is there is the same as what it took over. */
function normal(content: Content): Content {
  let at = content;
  while (at.count === 0 && at.history.parent !== null) at = at.history.parent;
  return at;
}
