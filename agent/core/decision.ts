/**
 * What the core answers: one action, what to remember, why, and when to be asked again.
 *
 * A plan of several steps is several ticks. Each is derived anew from what is seen, so that a crash
 * between two steps needs no recovery of its own: the next agent sees where things stand.
 */
import type { Demotion } from './demotion.ts';
import type { SeenHistory } from './follower.ts';
import type { LeaseRecord } from './lease.ts';
import type { Observation, Self } from './observation.ts';
import type { Departure } from './shrinking.ts';
import type { Growth } from './size.ts';
import type { Right } from './tenure.ts';
import type { Timing } from './timing.ts';
import { never, type Contender, type MonotonicMs } from './units.ts';

/** The one thing to do now. */
export type Action =
  | { readonly kind: 'wait' }
  /**
   * Refuse all writes at the local Redis until `admit`. Clients are cut where writes are refused for
   * good (I11): many never notice. Not where a pause holds their writes back for a successor.
   */
  | { readonly kind: 'fence'; readonly cutClients: boolean }
  /** Cut all clients of the local Redis: old rules of a network go on sending writers to it. */
  | { readonly kind: 'cut-clients' }
  /**
   * Become a replica of nowhere: keeps the data, cuts the old leader off from an acknowledgement. A
   * primary cuts its clients, which believe in it and often never notice that their writes are refused
   * (I11); who reads from a replica stays.
   */
  | { readonly kind: 'withdraw'; readonly cutClients: boolean }
  /**
   * Replicate from the leader and refuse writes. Who led before cuts those that have come since it
   * stepped down: they looked for the leader (I11).
   */
  | { readonly kind: 'follow'; readonly leader: Contender; readonly cutClients: boolean }
  /** Become a primary that still refuses writes. */
  | { readonly kind: 'promote' }
  /** Accept writes that `requiredReplicas` replicas are near enough to receive; end a pause. */
  | { readonly kind: 'admit'; readonly requiredReplicas: number }
  /** Hold writes back (they wait, they do not fail) for at most `forMs`. */
  | { readonly kind: 'pause'; readonly forMs: number }
  /** Ask every peer for its position and role. */
  | { readonly kind: 'ask' }
  /** The same, once the API server has said anew where each of them is. */
  | { readonly kind: 'find' }
  /** Ask every member to promise that it keeps still: the Lease, as last seen, is shown to them. */
  | { readonly kind: 'ask-promises'; readonly durationMs: number }
  /** Compare-and-swap the Lease; once written, tell `tell` that it is the holder. */
  | { readonly kind: 'write-lease'; readonly record: LeaseRecord; readonly tell: Contender | null }
  /** Point the leader Service at this pod. */
  | { readonly kind: 'route'; readonly term: number }
  /** End the process: nothing depends on it any more. */
  | { readonly kind: 'exit' };

/** A hand-over under way: writes are held back for `to`. */
export interface HandoverPlan {
  readonly to: Contender;
  readonly pausedAtMs: MonotonicMs;
  /** When the pause ends by itself and writes come back. */
  readonly pausedUntilMs: MonotonicMs;
}

/** A hand-over that was undone. */
export interface HandoverTry {
  /** Of the pod that did not catch up. */
  readonly uid: string;
  readonly atMs: MonotonicMs;
}

/** A promotion that is not recorded yet. */
export interface Promotion {
  /** The history that it goes on from. */
  readonly from: string;
  /**
   * Bytes of the last *recorded* history in it, when `from` is itself a promotion that was never
   * recorded; `null` when `from` is recorded, or is the beginning.
   */
  readonly shared: number | null;
  /** `from` goes on from nothing that was recorded: the lineage begins anew. */
  readonly isForeign: boolean;
}

/** A takeover under way. */
export interface Takeover {
  readonly term: number;
  readonly sinceMs: MonotonicMs;
  /** What this agent promoted its Redis from, `null` before it did. */
  readonly promoted: Promotion | null;
}

/** All that survives a tick. */
export interface Memory {
  readonly startedAtMs: MonotonicMs;
  /** The last record seen, for the time when somebody deletes the Lease. */
  readonly lastRecord: LeaseRecord | null;
  /** The term that the Lease had when it was first read: that answer may have been an old one. */
  readonly firstTerm: number | null;
  /** Since when this agent has been the holder of a term that it has not recorded. */
  readonly takeover: Takeover | null;
  readonly handover: HandoverPlan | null;
  /** Until when this agent may lead, as far as it knew at the last tick. */
  readonly right: Right | null;
  /** Members that did not catch up in the hand-over that is asked for. */
  readonly handoverTried: readonly HandoverTry[];
  /**
   * When a request to give the Lease away last left. Nobody knows how long one without an answer may
   * still be carried out: only a later write of ours that was confirmed proves that it never will.
   */
  readonly givenAwayAtMs: MonotonicMs | null;
  /**
   * When a request to raise W left. Nobody knows whether one without an answer was carried out: until
   * a later write of ours is confirmed the Lease may say more than what was read there.
   */
  readonly raisedAtMs: MonotonicMs | null;
  /** A request to raise the size of the set, as long as nobody knows whether it was carried out. */
  readonly growth: Growth | null;
  /** Since when the Lease has had its present size, seen from here; `null` while it was never read. */
  readonly sizedAtMs: MonotonicMs | null;
  /** That pods were scaled away, while this agent leads and the Lease still counts them. */
  readonly departure: Departure | null;
  /** The hang for which the fence was queued already, by its beginning. */
  readonly hangFencedMs: MonotonicMs | null;
  /** Since when the open Redis has had fewer replicas in step than a write needs. */
  readonly shortSinceMs: MonotonicMs | null;
  /** This Redis was a primary, or may have been, and has not followed the next one for long. */
  readonly demotion: Demotion | null;
  /** `null` before Redis has answered. */
  readonly history: SeenHistory | null;
}

/** The memory of an agent that has just begun. */
export function freshMemory(startedAtMs: MonotonicMs): Memory {
  return {
    startedAtMs,
    lastRecord: null,
    firstTerm: null,
    takeover: null,
    handover: null,
    right: null,
    handoverTried: [],
    givenAwayAtMs: null,
    raisedAtMs: null,
    growth: null,
    sizedAtMs: null,
    departure: null,
    hangFencedMs: null,
    shortSinceMs: null,
    // Until it sees what its Redis is.
    demotion: { sinceMs: never, cutAtMs: startedAtMs, presumed: true },
    history: null,
  };
}

/** Every reason there is: log key, test mark, and what `regent status` shows. */
export const reasons = [
  'lease-unread',
  'fence-not-holder',
  'fence-deadline-passed',
  'fence-hung-redis',
  'resume-after-restart',
  'redis-away',
  'redis-away-nobody-fit',
  'redis-away-ask-peers',
  'redis-away-name-successor',
  'redis-away-await-quorum',
  'redis-away-await-newer',
  'restarted-in-place',
  'takeover-ask-peers',
  'takeover-await-members',
  'takeover-name-better',
  'takeover-drain',
  'takeover-await-offset',
  'takeover-start-over',
  'takeover-not-fit',
  'takeover-await-quorum',
  'takeover-await-newer',
  'takeover-paused',
  'promote',
  'record-lineage',
  'open-for-writes',
  'route-clients',
  'guard-raise',
  'guard-publish',
  'guard-lower',
  'size-raise',
  'size-lower',
  'ask-promises',
  'keep-in-touch',
  'renew',
  'renew-late',
  'take-back',
  'outrank-old-term',
  'leading',
  'handover-ask-peers',
  'handover-no-successor',
  'handover-pause',
  'handover-await-offset',
  'handover-fence',
  'handover-name-successor',
  'handover-undo',
  'override-fence',
  'override-name',
  'pause-by-hand',
  'promise-kept',
  'release',
  'stopped',
  'step-down',
  'withdraw-from-old-leader',
  'await-leader',
  'await-membership',
  'follow-ask-leader',
  'follow-leader',
  'following',
  'cut-late-clients',
  'vacant-not-fit',
  'vacant-paused',
  'claim-ask-peers',
  'claim-await-memory',
  'restore-lease',
  'claim-new',
  'claim-released',
  'claim-expired',
  'lease-write-pending',
] as const;
/** One of `reasons`. */
export type Reason = (typeof reasons)[number];

/** The answer of one tick. */
export interface Decision {
  readonly action: Action;
  readonly memory: Memory;
  readonly reason: Reason;
  /** Ask again no later than this; sooner when something is seen. */
  readonly wakeAtMs: MonotonicMs;
}

/** What every rule of the core looks at. */
export interface Turn {
  readonly self: Self;
  readonly timing: Timing;
  readonly memory: Memory;
  readonly seen: Observation;
}

/** Does `action` and looks again at once. */
export function act(turn: Turn, reason: Reason, action: Action): Decision {
  return { action, memory: turn.memory, reason, wakeAtMs: turn.seen.nowMs };
}

/** Waits for an event, but not past `wakeAtMs`. */
export function wait(turn: Turn, reason: Reason, wakeAtMs: MonotonicMs): Decision {
  return { action: { kind: 'wait' }, memory: turn.memory, reason, wakeAtMs };
}

/** The same decision with other memory. */
export function remember(decision: Decision, memory: Partial<Memory>): Decision {
  return { ...decision, memory: { ...decision.memory, ...memory } };
}
