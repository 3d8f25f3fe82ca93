/**
 * What this process may conclude about the Lease from what it saw and when.
 *
 * Two rules keep two leaders apart. The holder counts from the moment its renewal *left*: rivals
 * may have seen the renewal that early, and the answer may come late. Rivals count from the moment
 * they *saw* the record change, on their own clock. With the inequality C2 of timing.ts the first
 * count always ends before the second.
 */
import type { Turn } from './decision.ts';
import { isHeldBy, recordedHead, unwritten, type LeaseRecord } from './lease.ts';
import type { Position } from './lineage.ts';
import type { Confirmation, PeerSight, RedisSight, Self } from './observation.ts';
import { promisedUntil, type Promises } from './promise.ts';
import { silenceMs, type Timing } from './timing.ts';
import { after, latest, type MonotonicMs } from './units.ts';

/** The local Redis while it answers. */
export type RedisUp = RedisSight & { readonly kind: 'up' };

/** Whether the local Redis is a primary that takes writes. */
export function isOpen(redis: RedisSight): redis is RedisUp {
  return redis.kind === 'up' && redis.position.role === 'primary' && !redis.fenced;
}

/** The record to reason with, and since when it is unchanged. */
export interface Known {
  readonly record: LeaseRecord;
  readonly seenAtMs: MonotonicMs;
}

/**
 * The record as seen, or, when somebody has deleted the Lease, the last one seen: deleting the
 * object must not make the set forget that it has data.
 *
 * @returns `null` while the Lease was never read.
 */
export function known({ seen, memory }: Turn): Known | null {
  switch (seen.lease.kind) {
    case 'unread':
      return null;
    case 'read':
      return seen.lease;
    case 'absent':
      return {
        // A pause was deleted with the object that people would have to end it in.
        record: { ...(memory.lastRecord ?? unwritten), revision: null, paused: false },
        seenAtMs: seen.lease.seenAtMs,
      };
    default:
      return seen.lease satisfies never;
  }
}

/** What the right to lead depends on beside the record and the data. */
export interface Tenant {
  readonly self: Self;
  readonly timing: Timing;
  readonly nowMs: MonotonicMs;
  readonly confirmed: Confirmation | null;
  readonly promises: Promises;
  /** The right as it was last found. */
  readonly right: Right | null;
  /** The highest term that any peer spoke of, 0 when none did. */
  readonly termHeard: number;
}

/** Until when an agent may lead a term. */
export interface Right {
  readonly term: number;
  readonly untilMs: MonotonicMs;
}

/** What a tenant is known from. */
export interface Tenancy extends Pick<Turn, 'self' | 'timing'> {
  readonly memory: Pick<Turn['memory'], 'right'>;
  readonly seen: Pick<Turn['seen'], 'nowMs' | 'confirmed' | 'promises' | 'peers'>;
}

/** The tenant of a turn, or of a moment between two. */
export function tenantOf({ self, timing, memory, seen }: Tenancy): Tenant {
  const { nowMs, confirmed, promises } = seen;
  const termHeard = termHeardFrom(seen.peers);
  return { self, timing, nowMs, confirmed, promises, right: memory.right, termHeard };
}

/** The highest term that any of them spoke of, 0 when none did. */
export function termHeardFrom(peers: readonly Pick<PeerSight, 'term'>[]): number {
  return Math.max(0, ...peers.map(({ term }) => term));
}

/**
 * Until when this agent may lead in the record's term: by its last confirmed write, and longer by
 * promises. They prolong a right that still runs, and never bring one back: others may have led in
 * between, and a member that has restarted since does not know of them. They are worth nothing once a
 * member knows a later term: a person may name a leader beside W who have promised (I2).
 *
 * @returns `null` when it has no confirmed write.
 */
export function leadsUntil(tenant: Tenant, record: LeaseRecord): MonotonicMs | null {
  const { self, timing, nowMs, confirmed, promises, right, termHeard } = tenant;
  // Promises do not replace a confirmed write, they prolong it: a request of an agent before this one
  // may still name a successor, who then is free to lead. A later write of ours has made it fail.
  if (!isHeldBy(record, self) || confirmed?.term !== record.term) return null;
  const byLease = after(confirmed.sentAtMs, timing.fenceDeadlineMs);
  const lastMs = right?.term === record.term ? Math.max(right.untilMs, byLease) : byLease;
  const isDeposed = termHeard > record.term;
  const byPromise = isDeposed ? null : promisedUntil(self, timing, promises, record);
  return byPromise === null || nowMs >= lastMs ? byLease : latest(byLease, byPromise);
}

/** Whether this agent may let its Redis accept writes now (I4). */
export function mayLead(tenant: Tenant, record: LeaseRecord, position: Position): boolean {
  const untilMs = leadsUntil(tenant, record);
  if (untilMs === null || tenant.nowMs >= untilMs) return false;
  return isHead(record, position);
}

/** Whether these data are the recorded history of the record's term. */
export function isHead(record: LeaseRecord, position: Position): boolean {
  return recordedHead(record)?.replid === position.replid && position.role === 'primary';
}

/**
 * Whether a request of ours that gives the Lease away may still be carried out. A later write that
 * was confirmed has changed the Lease since, so that the older request fails.
 */
export function isGivenAway({ memory, seen }: Turn): boolean {
  const { givenAwayAtMs } = memory;
  if (givenAwayAtMs === null) return false;
  return seen.confirmed === null || seen.confirmed.sentAtMs <= givenAwayAtMs;
}

/** When the holder's silence ends its lease, seen from here. */
export function expiresAt(turn: Turn, { seenAtMs }: Known): MonotonicMs {
  return after(seenAtMs, silenceMs(turn.timing));
}

/**
 * Somebody has deleted the Lease, and what this agent remembers of it is older than its right to
 * lead: another may have led since. Only a holder whose right still runs writes it again at once, and not
 * one that may have named a successor: with the Lease it is gone what would have refused a write by who was
 * deposed (I2).
 */
export function isStaleMemory(turn: Turn, record: LeaseRecord): boolean {
  if (turn.seen.lease.kind !== 'absent') return false;
  const tenant = tenantOf(turn);
  if (isGivenAway(turn) || tenant.termHeard > record.term) return true;
  const untilMs = leadsUntil(tenant, record);
  return untilMs === null || isPast(untilMs, turn.seen.nowMs);
}

/** Whether a right has ended, where there was one. */
export function isPast(untilMs: MonotonicMs | null, nowMs: MonotonicMs): boolean {
  return untilMs !== null && untilMs <= nowMs;
}

/** How long to leave the API server alone after a request failed. */
const retryDelayMs = 200;

/**
 * When the Lease may be written: at once, or after a pause when the last request failed.
 *
 * @returns `null` while a write is on its way: its end is an event.
 */
export function mayWriteAt({ seen }: Turn): MonotonicMs | null {
  if (seen.busy.lease) return null;
  return seen.leaseFailedAtMs === null ? seen.nowMs : after(seen.leaseFailedAtMs, retryDelayMs);
}
