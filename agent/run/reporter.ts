import type { Decision, Reason } from '../core/decision.ts';
import type { Observation } from '../core/observation.ts';
import type { MonotonicMs } from '../core/units.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Events } from '../kube/events.ts';
import type { Log } from '../log.ts';
import { announcementOf, type Announcement } from './announcements.ts';
import { journal } from './journal.ts';
import type { NoteKeeper } from './note-keeper.ts';
import { Outage } from './outage.ts';
import type { RoleLabel } from './role-label.ts';

/** Where turns are reported to. */
export interface ReporterParts {
  readonly log: Log;
  readonly events: Events;
  readonly metrics: Metrics;
  readonly label: RoleLabel;
  readonly note: NoteKeeper;
}

/** Reports each turn: the log, Events, metrics, the pod's label, and the note beside the data. */
export class Reporter {
  readonly #parts: ReporterParts;
  readonly #write: (decision: Decision, seen: Observation) => void;
  #last: Reason | null = null;
  #announced: Reason | null = null;
  #promotedAtMs: MonotonicMs | null = null;
  #heldSinceMs: MonotonicMs | null = null;
  readonly #outage = new Outage();

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#write = journal(parts.log);
  }

  /** Takes in one turn. Returns at once; nothing of it is waited for. */
  readonly turn = (decision: Decision, seen: Observation): void => {
    const { note, label, metrics } = this.#parts;
    const { action } = decision;
    this.#write(decision, seen);
    void note.keep(decision.memory.lastRecord, seen.redis, seen.nowMs);
    if (decision.reason === 'leading') label.want('primary');
    if (decision.reason === 'following') label.want('replica');
    if ('cutClients' in action ? action.cutClients : action.kind === 'cut-clients') {
      metrics.cutClients();
    }
    const outage = this.#outage.turn(decision, seen);
    if (outage !== null) this.#tell(outage, decision);
    if (decision.reason === this.#last) return;
    this.#last = decision.reason;
    this.#count(decision, seen);
    this.#announce(decision, seen);
  };

  #count({ reason, action, memory }: Decision, { nowMs, redis }: Observation): void {
    const { metrics } = this.#parts;
    metrics.transition(reason);
    if (action.kind === 'fence') metrics.fence(reason);
    if (reason === 'redis-away-name-successor' && redis.kind !== 'up') {
      metrics.failover('detect', nowMs - redis.sinceMs);
    }
    if (reason === 'promote' && memory.takeover !== null) {
      this.#promotedAtMs = nowMs;
      metrics.failover('claim', nowMs - memory.takeover.sinceMs);
    }
    if (reason === 'open-for-writes' && this.#promotedAtMs !== null) {
      metrics.failover('promote', nowMs - this.#promotedAtMs);
      this.#promotedAtMs = null;
    }
  }

  /** Once for each transition, however often the agent comes back to it from a look elsewhere. */
  #announce(decision: Decision, seen: Observation): void {
    const { reason, memory } = decision;
    // A takeover is forgotten with the step that ends it, which is the one to be timed.
    const heldSinceMs = memory.takeover?.sinceMs ?? this.#heldSinceMs;
    this.#heldSinceMs = reason === 'leading' ? null : heldSinceMs;
    const announcement = announcementOf({ decision, seen, heldSinceMs });
    if (announcement === null || this.#announced === reason) return;
    this.#announced = reason;
    this.#tell(announcement, decision);
  }

  #tell({ type, reason: code, message }: Announcement, { memory }: Decision): void {
    const term = memory.lastRecord?.term ?? 0;
    this.#parts.events.tell({
      type,
      reason: code,
      action: code,
      note: `${message} (term ${term})`,
    });
  }
}
