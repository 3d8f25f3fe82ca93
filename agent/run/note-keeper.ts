import type { LeaseRecord } from '../core/lease.ts';
import { dueNote, type LastNote } from '../core/note.ts';
import type { RedisSight } from '../core/observation.ts';
import type { MonotonicMs } from '../core/units.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { LocalRedis } from './local-redis.ts';
import { writeNote } from './note.ts';

/** Keeps the note beside the data up to date, while these data are the recorded leader's. */
export class NoteKeeper {
  readonly #folder: string;
  readonly #redis: LocalRedis;
  readonly #log: Log;
  #last: LastNote | null = null;
  #isWriting = false;

  constructor(folder: string, redis: LocalRedis, log: Log) {
    this.#folder = folder;
    this.#redis = redis;
    this.#log = log;
  }

  /** Writes the note when it is due. Never rejects: a full disk must not stop the election. */
  async keep(record: LeaseRecord | null, redis: RedisSight, nowMs: MonotonicMs): Promise<void> {
    // One after the other: both would go by way of the same file.
    if (this.#isWriting) return;
    const { isLogBehind } = this.#redis;
    const note = dueNote(this.#last, { record, redis, isLogBehind, nowMs });
    if (note === null) return;
    this.#last = { note, atMs: nowMs };
    this.#redis.note = note;
    this.#isWriting = true;
    try {
      await writeNote(this.#folder, note);
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'note-not-written');
    }
    this.#isWriting = false;
  }
}
