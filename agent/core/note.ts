/**
 * What the agent notes beside the data set: which history the data on this volume belong to.
 *
 * Redis itself forgets its replication id over a restart when it loads an append-only file; an RDB
 * file keeps it. With the note the data can still be placed on the lineage, to within the few
 * seconds between two notes. A note may say less than the disk has, and never more: old data beside a
 * new note would pass for new ones, lead, and cost what was acknowledged since.
 */
import { recordedHead, type LeaseRecord } from './lease.ts';
import type { RedisSight } from './observation.ts';
import type { MonotonicMs } from './units.ts';

/** The data on a volume. */
export interface Note {
  readonly term: number;
  readonly replid: string;
  readonly offset: number;
}

/** The note that this process wrote last. */
export interface LastNote {
  readonly note: Note;
  readonly atMs: MonotonicMs;
}

/** What there is to note. */
export interface Noteworthy {
  readonly record: LeaseRecord | null;
  readonly redis: RedisSight;
  /** The log on the disk may be of other data than those in memory. */
  readonly isLogBehind: boolean;
  readonly nowMs: MonotonicMs;
}

/** From one note to the next while only the offset moves. */
const notePeriodMs = 5000;

/** The note to write now, `null` for none: only of the recorded leader's history, and when it is due. */
export function dueNote(
  last: LastNote | null,
  { record, redis, isLogBehind, nowMs }: Noteworthy,
): Note | null {
  const head = record === null ? null : recordedHead(record);
  if (head === null || redis.kind !== 'up' || !redis.position.whole || isLogBehind) return null;
  const { replid, offset } = redis.position;
  if (replid !== head.replid) return null;
  const note = { term: head.term, replid, offset };
  return isDue(last, note, nowMs) ? note : null;
}

/** At once for another history, in a while for what only went on, never for the same. */
function isDue(last: LastNote | null, { term, replid, offset }: Note, nowMs: MonotonicMs): boolean {
  if (last?.note.replid !== replid || last.note.term !== term) return true;
  return offset !== last.note.offset && nowMs - last.atMs >= notePeriodMs;
}
