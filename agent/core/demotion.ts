/**
 * A Redis that has just ceased to be a primary, and those that still write to it: rules of a network
 * that are not replaced yet go on sending clients here, and many a client never leaves a Redis that
 * only refuses its writes (protocol facts 10 and 11, I11).
 */
import { act, remember, type Decision, type Turn } from './decision.ts';
import type { RedisSight } from './observation.ts';
import { after, type MonotonicMs } from './units.ts';

/** A Redis that was a primary. */
export interface Demotion {
  readonly sinceMs: MonotonicMs;
  readonly cutAtMs: MonotonicMs;
}

/** For how long after a demotion clients are cut. Longer would only hurt those that read here. */
export const lateClientsMs = 3000;
/** How often they are cut meanwhile. */
const cutPeriodMs = 500;

/**
 * Whether this Redis was demoted, as one more look shows it. A primary of a term that is another's is
 * demoted as soon as it refuses writes: clients that wait for a successor cannot wait until that leads,
 * which it may never do.
 */
export function demotedSince(
  before: Demotion | null,
  redis: RedisSight,
  holds: boolean,
  nowMs: MonotonicMs,
): Demotion | null {
  if (redis.kind !== 'up' || redis.position.role !== 'primary') return before;
  if (holds || !redis.fenced) return null;
  return before ?? { sinceMs: nowMs, cutAtMs: nowMs };
}

/** When late clients are to be cut next; `null` when none are to be expected. */
export function cutDueAt({ memory }: Turn): MonotonicMs | null {
  const { demotion } = memory;
  if (demotion === null) return null;
  const dueMs = after(demotion.cutAtMs, cutPeriodMs);
  return dueMs < after(demotion.sinceMs, lateClientsMs) ? dueMs : null;
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
