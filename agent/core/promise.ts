/**
 * The right to lead while the API server is away: promises of the members (protocol section 8).
 *
 * A member that promises does not claim, promote, or leave the leader until the promise is over, so
 * that nobody can lead beside a leader to whom all have promised. The promiser counts from when it
 * was asked, and longer by what its clock may run fast; the leader counts from when it *sent* the
 * question, and shorter: the leader's right always ends first.
 */
import type { Turn } from './decision.ts';
import { isHeldBy, type LeaseRecord } from './lease.ts';
import type { PeerSight, Self } from './observation.ts';
import { clockRateError, promisedMs, type Timing } from './timing.ts';
import { after, isSame, monotonic, type Member, type MonotonicMs } from './units.ts';

/** A promise that this agent has given. */
export interface GivenPromise {
  readonly leader: Member;
  readonly term: number;
  /** On the promiser's clock. */
  readonly untilMs: MonotonicMs;
}

/** A promise that this agent was given. */
export interface PromiseGrant extends Member {
  readonly ordinal: number;
  readonly term: number;
  /** When the question left. */
  readonly sentAtMs: MonotonicMs;
}

/** The promises that a leader has asked for. */
export interface Promises {
  /** When it last asked; `null` when it never did. */
  readonly askedAtMs: MonotonicMs | null;
  /** The newest of each member. */
  readonly granted: readonly PromiseGrant[];
}

/** No promise was asked for. */
export const noPromises: Promises = { askedAtMs: null, granted: [] };

/** The longest promise that anybody gives, in milliseconds: a typing error must not stop a set. */
export const promiseMaxMs = 60_000;

/** What a member knows when it is asked for a promise. */
export interface PromiseRequest {
  readonly self: Member;
  /** The record that the leader showed. */
  readonly shown: LeaseRecord;
  /** The record as known here, after what was shown was taken in; `null` when none is known. */
  readonly known: LeaseRecord | null;
  /** The API server has said that the pod which asks is deleted: another has its name, or nobody. */
  readonly isGone: boolean;
  /** A request of ours to change the Lease is on its way. */
  readonly isWriting: boolean;
  readonly durationMs: number;
  readonly nowMs: MonotonicMs;
}

/**
 * The promise that may be given, or `null`. Only to the holder of the highest term that is known
 * here, and never beside a request of our own that could make us the holder. Nor to a pod that was deleted by
 * force and runs on: whoever has its name by now is not asked for a promise, and may not hear that others
 * have given one (I2).
 */
export function promiseFor(request: PromiseRequest): GivenPromise | null {
  const { self, shown, known, isGone, isWriting, durationMs, nowMs } = request;
  const { holder, term } = shown;
  if (holder === null || isSame(holder, self) || isWriting || isGone) return null;
  if (known === null || known.term !== term || !isHeldBy(known, holder)) return null;
  const forMs = Math.min(durationMs, promiseMaxMs) * (1 + clockRateError);
  return { leader: holder, term, untilMs: after(nowMs, forMs) };
}

/** Until when promises alone allow this agent to lead the record's term; `null` when they do not. */
export function promisedUntil(
  self: Self,
  timing: Timing,
  promises: Promises,
  { term, members }: Pick<LeaseRecord, 'term' | 'members'>,
): MonotonicMs | null {
  const needed = promisersNeeded(self);
  const { strictQuorum } = self.durability;
  // Nobody knows whether the Lease has the larger size that was asked for. W who stay prevent a takeover
  // in a set of either size only where both count them; of all members the larger set has more.
  const counted = strictQuorum && members > 0 ? Math.min(members, self.members) : self.members;
  const sent = promises.granted
    .filter((one) => one.term === term && one.ordinal < counted)
    .map(({ sentAtMs }) => sentAtMs)
    .toSorted((a, b) => b - a);
  const oldest = sent[needed - 1];
  // A set of one has nobody who could lead beside it, and nobody to ask either: the Lease decides.
  if (needed === 0 || oldest === undefined) return null;
  const forMs = timing.promiseMs * (1 - 2 * clockRateError) - timing.fenceTimeoutMs;
  return monotonic(oldest + forMs);
}

/**
 * All others; with a strict quorum W of them: a takeover then needs so many withdrawn replicas that
 * W who stay prevent it.
 */
function promisersNeeded({ members, durability }: Self): number {
  return durability.strictQuorum ? durability.requiredReplicas : members - 1;
}

/** How often a leader asks while it cannot renew. A lost question must be repeated before F. */
export const promisePeriodMs = 500;

/** When promises are to be asked for; `null` while the Lease is renewed as it should be. */
export function promisesDueAt({ self, seen }: Turn): MonotonicMs | null {
  const { leaseFailedAtMs, confirmed, promises, nowMs } = seen;
  const failing =
    leaseFailedAtMs !== null && (confirmed === null || leaseFailedAtMs >= confirmed.sentAtMs);
  if (!failing || promisersNeeded(self) === 0) return null;
  return promises.askedAtMs === null ? nowMs : after(promises.askedAtMs, promisePeriodMs);
}

/** What a promise's end depends on. */
export interface Bound {
  readonly seen: Pick<Turn['seen'], 'promised' | 'nowMs' | 'peers'>;
}

/**
 * Until when a promise keeps this agent from leaving the leader (I14); `null` when none does. It no
 * longer binds once the leader itself has given the term up: it named another, or says that it knows
 * of a later term.
 */
export function boundUntil({ seen }: Bound, record: LeaseRecord): MonotonicMs | null {
  const { promised, nowMs } = seen;
  if (promised === null || nowMs >= promised.untilMs) return null;
  return hasGivenUp(promised, record, seen.peers) ? null : promised.untilMs;
}

/** When the last promise is over that the process before one that began then may have given (I13). */
export function forgottenUntil(timing: Timing, startedAtMs: MonotonicMs): MonotonicMs {
  return after(startedAtMs, promisedMs(timing));
}

/** What a process must know to say that it is bound to nobody. */
export interface Promiser extends Bound {
  readonly timing: Timing;
  readonly startedAtMs: MonotonicMs;
}

/**
 * Whether some leader may count on this agent to keep still (I13): by a promise that it gave, or by
 * one that the process before it may have given.
 */
export function mayBeBound(promiser: Promiser, record: LeaseRecord | null): boolean {
  const { timing, startedAtMs, seen } = promiser;
  if (seen.nowMs < forgottenUntil(timing, startedAtMs)) return true;
  return record !== null && boundUntil(promiser, record) !== null;
}

function hasGivenUp(
  { leader, term }: GivenPromise,
  record: LeaseRecord,
  peers: readonly PeerSight[],
): boolean {
  // Only the holder writes any of these.
  const named = record.term === term + 1 && record.handover?.from === leader.pod;
  const released = record.term === term && record.holder === null;
  const anew = record.term > term && isHeldBy(record, leader);
  if (named || released || anew) return true;
  const heard = peers.find((peer) => isSame(peer, leader));
  return heard !== undefined && heard.term > term && !heard.leading;
}
