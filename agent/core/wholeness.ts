/**
 * Whether the data set of a replica is whole, judged from what Redis says of itself over time.
 *
 * While a full resync runs the data are about to be thrown away, and one that fails may leave a part.
 * It may begin and end between two looks, so that it is taken from the replication id as well: Redis
 * takes over the id of its source after the last byte was loaded, and a partial resync keeps the old
 * id as `replid2`.
 *
 * Whole is not up to date: Redis reports a link as up as much as a second before writes flow over it
 * (protocol fact 5). But the offset is that of the loaded data all the while, so that a ranking by
 * offset is not deceived. To count such a replica out would leave a set whose leader dies in that
 * second without any copy that may lead, or go back to an older one.
 */
import type { Inquiry, PeerSight } from './observation.ts';
import type { MonotonicMs } from './units.ts';

/** What the judgement needs of one look at Redis. */
export interface Look {
  readonly role: 'primary' | 'replica';
  readonly replid: string;
  readonly replid2: string | null;
  readonly offset: number;
  /** What the primary of this history had when it was asked after the process began, `null`: unknown. */
  readonly leaderOffset: number | null;
  /** A full resync is under way. */
  readonly syncing: boolean;
  readonly linkUp: boolean;
}

/** The judgement after some looks. */
export interface Wholeness {
  readonly whole: boolean;
  /** See `Position.streamed`. */
  readonly streamed: boolean;
  readonly replid: string;
}

/** Judges one more look. `before` is `null` at the first look at this Redis process. */
export function judged(before: Wholeness | null, look: Look): Wholeness {
  const { replid } = look;
  const streamed = hasStreamed(before, look);
  if (look.syncing) return { whole: false, streamed: false, replid };
  // The data of a process that has just started come from its disk: a whole, if old, data set.
  if (before === null || look.role === 'primary') return { whole: true, streamed, replid };
  const replaced = before.replid !== replid && look.replid2 !== before.replid;
  // A resync from a source with the same id: a link that is up shows that it ended well.
  return { whole: before.whole || replaced || look.linkUp, streamed, replid };
}

function hasStreamed(before: Wholeness | null, look: Look): boolean {
  if (look.role === 'primary' || before?.streamed === true) return true;
  // What a resync has brought is all that the source had by then.
  if (before?.whole === false && look.linkUp) return true;
  return look.leaderOffset !== null && look.offset >= look.leaderOffset;
}

/** What an agent has heard of its peers. */
export interface Heard {
  readonly peers: readonly PeerSight[];
  readonly inquiry: Inquiry | null;
}

/**
 * Bytes that the primary of a history said that it has, when it was asked after `sinceMs`. All that an
 * earlier process of the own Redis can have acknowledged is within them.
 */
export function leaderOffsetIn(
  { peers, inquiry }: Heard,
  replid: string,
  sinceMs: MonotonicMs,
): number | null {
  if (inquiry === null || inquiry.askedAtMs < sinceMs) return null;
  const heard = peers.filter((peer) => peer.askedAtMs >= inquiry.askedAtMs);
  const position = heard
    .map((peer) => peer.position)
    .find((one) => one?.role === 'primary' && one.replid === replid);
  return position?.offset ?? null;
}
