/**
 * W, as the leader keeps it (protocol section 9): what its Redis asks of a write is never less than
 * what the Lease says, so that whoever replaces this leader can count on what it reads there.
 *
 * Up: first in Redis, then in the Lease. Down: first in the Lease, and in Redis only once that was
 * confirmed; a leader that is cut off cannot write the Lease, and stays shut.
 */
import { act, type Decision, type Turn } from './decision.ts';
import { guarded, type LeaseRecord } from './lease.ts';
import type { RedisSight } from './observation.ts';
import { isOpen, type RedisUp } from './tenure.ts';
import { after, never, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** What is next to be done about W, or `null`. */
export function keepGuard(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision | null {
  const wanted = wantedReplicas(turn, record, redis);
  if (wanted < record.requiredReplicas) {
    return writeLease(turn, 'guard-lower', guarded(record, turn.self, wanted));
  }
  if (wanted === record.requiredReplicas) {
    // Published, or never raised there: now Redis may ask for less too.
    const lower = openingReplicas(turn, record) <= wanted;
    return lower && redis.requiredReplicas > wanted && isShort(turn)
      ? act(turn, 'guard-lower', { kind: 'admit', requiredReplicas: wanted })
      : null;
  }
  if (redis.requiredReplicas < wanted) {
    return act(turn, 'guard-raise', { kind: 'admit', requiredReplicas: wanted });
  }
  // A command that lowers it may still be in the socket of a Redis that does not answer.
  return redis.answered
    ? writeLease(turn, 'guard-publish', guarded(record, turn.self, wanted))
    : null;
}

/**
 * The least that an open Redis may ask of a write: what is published, or what may be, by a request
 * that nobody has heard of since.
 */
export function openingReplicas({ self, memory, seen }: Turn, record: LeaseRecord): number {
  const { raisedAtMs } = memory;
  const isKnown =
    raisedAtMs === null || (seen.confirmed !== null && seen.confirmed.sentAtMs > raisedAtMs);
  const { requiredReplicas } = self.durability;
  return isKnown ? record.requiredReplicas : Math.max(record.requiredReplicas, requiredReplicas);
}

/** What Redis has to ask of a write: what is published, or more while that is being raised. */
export function isGuarded(turn: Turn, record: LeaseRecord, redis: RedisUp): boolean {
  const most = Math.max(record.requiredReplicas, turn.self.durability.requiredReplicas);
  return redis.requiredReplicas >= openingReplicas(turn, record) && redis.requiredReplicas <= most;
}

function wantedReplicas(turn: Turn, record: LeaseRecord, redis: RedisUp): number {
  const { requiredReplicas, onReplicaLoss } = turn.self.durability;
  const { requiredReplicas: published } = record;
  if (onReplicaLoss === 'block' || published > requiredReplicas) return requiredReplicas;
  if (published < requiredReplicas) {
    // Raised no sooner than it can be met: asking for more would refuse writes that are taken now.
    return redis.goodReplicas >= requiredReplicas ? requiredReplicas : published;
  }
  return isShort(turn) ? Math.min(redis.goodReplicas, requiredReplicas) : requiredReplicas;
}

/**
 * When a leader that lost its replicas goes on without: it waits as long as Redis itself would for a
 * replica that is silent, so that one that only restarts costs no copy.
 */
export function degradesAt({ memory, timing }: Turn): MonotonicMs {
  const { shortSinceMs } = memory;
  return shortSinceMs === null ? never : after(shortSinceMs, timing.replicaLagSeconds * 1000);
}

function isShort(turn: Turn): boolean {
  return turn.seen.nowMs >= degradesAt(turn);
}

/** Since when an open Redis has refused writes for want of replicas. */
export function shortSince(
  sinceMs: MonotonicMs | null,
  redis: RedisSight,
  nowMs: MonotonicMs,
): MonotonicMs | null {
  const isShort = isOpen(redis) && redis.goodReplicas < redis.requiredReplicas;
  return isShort ? (sinceMs ?? nowMs) : null;
}

/** W from the first write of a term on. */
export function beginningReplicas({ self }: Turn, record: LeaseRecord): number {
  const { requiredReplicas, onReplicaLoss } = self.durability;
  return onReplicaLoss === 'block'
    ? requiredReplicas
    : Math.min(record.requiredReplicas, requiredReplicas);
}
