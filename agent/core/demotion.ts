/**
 * A Redis that has just ceased to be a primary, and those that still write to it: rules of a network
 * that are not replaced yet go on sending clients here, and many a client never leaves a Redis that
 * only refuses its writes (protocol facts 10 and 11, I11).
 */
import { act, remember, type Decision, type Reason, type Turn } from './decision.ts';
import type { RedisSight } from './observation.ts';
import type { RedisUp } from './tenure.ts';
import { after, earliest, never, type MonotonicMs } from './units.ts';

/** A Redis that was a primary, until it has followed the next one for a while. */
export interface Demotion {
  /**
   * When it was first seen to have ceased, then to follow: a command to a Redis that hangs is carried out
   * when it goes on, which may be while the agent does not run. `never` until then.
   */
  readonly sinceMs: MonotonicMs;
  readonly cutAtMs: MonotonicMs;
  /** Not seen: an agent before this one may have ended before its command was carried out (I11). */
  readonly presumed: boolean;
}

/** For how long after either clients are cut. Longer would only hurt those that read here. */
export const lateClientsMs = 3000;
/** How often they are cut meanwhile. */
const cutPeriodMs = 500;

/**
 * What is left to be made good for after one more look at Redis. While that hangs or loads, clients
 * wait at its door, so that the time for late ones begins when it answers. A look that was not answered
 * says nothing new.
 */
export function demotedSince(
  before: Demotion | null,
  redis: RedisSight,
  nowMs: MonotonicMs,
): Demotion | null {
  if (before === null) return null;
  if (redis.kind !== 'up') return { ...before, sinceMs: never };
  const { answered, position, source, wasPromoted } = redis;
  if (!answered) return before;
  if (position.role === 'primary') return null;
  // Nobody has ever been led to it as to a primary.
  if (before.presumed && !wasPromoted) return null;
  const seen = { ...before, presumed: false, sinceMs: earliest(before.sinceMs, nowMs) };
  return source === null || nextCutMs(seen) !== null ? seen : null;
}

function nextCutMs({ sinceMs, cutAtMs }: Demotion): MonotonicMs | null {
  const dueMs = after(cutAtMs, cutPeriodMs);
  return dueMs < after(sinceMs, lateClientsMs) ? dueMs : null;
}

/**
 * Who does not hold the Lease is no primary, but a replica of nowhere: what a primary answers would soon
 * lack what its successor takes (I20), and such a replica refuses (run/stale-reads.ts).
 */
export function stepDown(turn: Turn, { position }: RedisUp): Decision | null {
  return position.role === 'primary' ? withdrawPrimary(turn, 'step-down') : null;
}

/**
 * Makes a replica of nowhere of a primary. Its clients are cut at once: an agent that takes over from
 * this one between two steps sees a replica, and not that it has clients who take it for a primary (I11).
 */
export function withdrawPrimary(turn: Turn, reason: Reason): Decision {
  const leaving = act(turn, reason, { kind: 'withdraw', cutClients: true });
  return cutNow(leaving, turn.seen.nowMs);
}

/**
 * Takes a replica from the leader that it received from. Its clients stay, since they only read here. But
 * one that did not answer the last look may have been told to be a primary before: it carries that out
 * first, and has clients who take it for one by the time this comes to it (I11).
 */
export function withdrawReplica(turn: Turn, { answered }: RedisUp): Decision {
  const reason = 'withdraw-from-old-leader';
  return answered
    ? act(turn, reason, { kind: 'withdraw', cutClients: false })
    : withdrawPrimary(turn, reason);
}

/** Remembers that this decision cuts the clients, and expects others for a while. */
export function cutNow(decision: Decision, nowMs: MonotonicMs): Decision {
  return remember(decision, { demotion: { sinceMs: never, cutAtMs: nowMs, presumed: false } });
}

/** When late clients are to be cut next; `null` when none are to be expected. */
export function cutDueAt({ memory: { demotion } }: Turn): MonotonicMs | null {
  return demotion === null ? null : nextCutMs(demotion);
}

/** Cuts late clients, when that is due. */
export function cutLateClients(turn: Turn): Decision | null {
  const { memory, seen } = turn;
  const dueMs = cutDueAt(turn);
  if (memory.demotion === null || dueMs === null || seen.nowMs < dueMs) return null;
  return remember(act(turn, 'cut-late-clients', { kind: 'cut-clients' }), {
    demotion: { ...memory.demotion, cutAtMs: seen.nowMs },
  });
}
