/**
 * What the kubelet is told. A verdict is never the fence (C9): it only says who should get traffic,
 * and which container a restart would help.
 */
import type { LeaseRecord } from './lease.ts';
import type { RedisSight } from './observation.ts';
import { isHeldBy } from './lease.ts';
import type { Member, MonotonicMs } from './units.ts';

/** The questions that the kubelet asks. */
export const probes = ['startup', 'readiness', 'liveness'] as const;
/** One of `probes`. */
export type Probe = (typeof probes)[number];

/** The answer, with the reason that a person reads in the pod's events. */
export interface Verdict {
  readonly verdict: 'pass' | 'fail';
  readonly reason: string;
}

/** What a verdict depends on. */
export interface Condition {
  readonly nowMs: MonotonicMs;
  readonly self: Member;
  readonly record: LeaseRecord | null;
  readonly redis: RedisSight;
  /** When the loop last came round. */
  readonly lastTickMs: MonotonicMs;
  /** Bytes that this replica is behind its primary, `null` when it is not known. */
  readonly lagBytes: number | null;
}

/** A loop that has not come round for so long is stuck; a restart of the agent mends it. */
const stuckMs = 30_000;

/** A replica further behind than this gets no reads. */
export const readyLagBytesMax = 10_000_000;

/** Answers one probe. */
export function verdict(probe: Probe, condition: Condition): Verdict {
  switch (probe) {
    case 'startup':
      return pass('the agent runs');
    case 'liveness':
      return condition.nowMs - condition.lastTickMs < stuckMs
        ? pass('the loop comes round')
        : fail('the loop is stuck');
    case 'readiness':
      return readiness(condition);
    default:
      return probe satisfies never;
  }
}

function readiness(condition: Condition): Verdict {
  const { redis, record, self, lagBytes } = condition;
  if (redis.kind !== 'up') return fail(`redis is ${redis.kind}`);
  if (redis.position.role === 'primary') {
    if (record === null || !isHeldBy(record, self)) return fail('primary without the lease');
    return redis.fenced ? fail('leader that refuses writes') : pass('leader that accepts writes');
  }
  if (redis.source === null) return fail('replica of nobody');
  if (!redis.source.linkUp) return fail('no link to the leader');
  if (!redis.position.whole) return fail('not in sync');
  if (lagBytes !== null && lagBytes > readyLagBytesMax) return fail(`${lagBytes} bytes behind`);
  return pass('replica in sync');
}

function pass(reason: string): Verdict {
  return { verdict: 'pass', reason };
}

function fail(reason: string): Verdict {
  return { verdict: 'fail', reason };
}
