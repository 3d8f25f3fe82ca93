import { recordedHead, type LeaseRecord } from '../core/lease.ts';
import type { RedisSight } from '../core/observation.ts';
import type { MonotonicMs } from '../core/units.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { LocalRedis } from './local-redis.ts';
import { writeNote, type Note } from './note.ts';

/** From one note to the next while only the offset moves. */
const notePeriodMs = 5000;

/** Keeps the note beside the data up to date, while these data are the recorded leader's. */
export class NoteKeeper {
  readonly #folder: string;
  readonly #redis: LocalRedis;
  readonly #log: Log;
  #last: Note | null = null;
  #notedAtMs = -Infinity;

  constructor(folder: string, redis: LocalRedis, log: Log) {
    this.#folder = folder;
    this.#redis = redis;
    this.#log = log;
  }

  /** Writes the note when it is due. Never rejects: a full disk must not stop the election. */
  async keep(record: LeaseRecord | null, redis: RedisSight, nowMs: MonotonicMs): Promise<void> {
    const head = record === null ? null : recordedHead(record);
    if (head === null || redis.kind !== 'up' || !redis.position.whole) return;
    const { replid, offset } = redis.position;
    const note = { term: head.term, replid, offset };
    if (replid !== head.replid || !this.#isDue(note, nowMs)) return;
    this.#last = note;
    this.#notedAtMs = nowMs;
    this.#redis.note = note;
    try {
      await writeNote(this.#folder, note);
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'note-not-written');
    }
  }

  /** At once for another history, in a while for what only went on, never for the same. */
  #isDue({ term, replid, offset }: Note, nowMs: MonotonicMs): boolean {
    const last = this.#last;
    if (last?.replid !== replid || last.term !== term) return true;
    return offset !== last.offset && nowMs - this.#notedAtMs >= notePeriodMs;
  }
}
