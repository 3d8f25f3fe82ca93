/**
 * Whether the best of those that answered is known to lack acknowledged writes, and a member that is
 * not there may have them.
 *
 * Pods come back in any order. The first of them may have left long before the others, and would
 * lead with its old data if nobody waited: the Lease says how far the set had come.
 */
import { isHeldBy, recordedHead, type LeaseRecord } from './lease.ts';
import { standing } from './lineage.ts';
import type { Turn } from './decision.ts';
import type { Candidate } from './ranking.ts';
import { after, isSame, type MonotonicMs } from './units.ts';

/**
 * How long to wait for members that may have more: longer than pods of one set come apart when a
 * cluster starts. A set that blocks waits for ever, or for a person's word.
 */
export const newerWaitMs = 30_000;

/** Who leads if nobody else comes, who answered, and since when it is waited. */
export interface Answers {
  readonly winner: Candidate;
  /** Members whose data are known, this one included. */
  readonly count: number;
  readonly sinceMs: MonotonicMs;
}

/** Whether to wait for who has more than the winner. */
export function awaitsNewer(turn: Turn, record: LeaseRecord, answers: Answers): boolean {
  const { winner, count, sinceMs } = answers;
  const { members, durability } = turn.self;
  if (count >= members || !isLacking(turn, record, winner)) return false;
  return durability.onReplicaLoss === 'block' || turn.seen.nowMs < after(sinceMs, newerWaitMs);
}

function isLacking({ self }: Turn, record: LeaseRecord, { position, ...pod }: Candidate): boolean {
  const found = standing(position, record.lineage);
  const newest = record.lineage.at(-1);
  if (found.kind !== 'on-line' || newest === undefined) return false;
  // An older term has what the newest began with, at most: enough when nothing came after that.
  const isCurrent = found.term === newest.term || record.lastOffset === newest.offset;
  if (isCurrent && found.offset >= record.lastOffset) return false;
  // The last leader, back from its append-only file, which has all that it had: the offset is only a
  // note, and runs behind the data.
  const ledLast = isHeldBy(record, self) && recordedHead(record) !== null;
  return !(ledLast && isSame(pod, self) && !position.exact);
}
