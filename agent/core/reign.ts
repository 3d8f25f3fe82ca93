/**
 * The holder whose Redis is the recorded primary: renew, keep the route, hand over when asked.
 */
import { isOutOfTouch } from './choice.ts';
import { act, remember, wait, type Decision, type Turn } from './decision.ts';
import { handOver } from './handover.ts';
import { claimed, renewed, type LeaseRecord } from './lease.ts';
import { isRouted } from './route.ts';
import { isGivenAway, leadsUntil, tenantOf, type RedisUp } from './tenure.ts';
import { after, earliest, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** One tick of a leader. */
export function reign(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision {
  const { nowMs } = turn.seen;
  const untilMs = leadsUntil(tenantOf(turn), record);
  if (untilMs === null) {
    return writeLease(turn, 'resume-after-restart', renewed(record, turn.self));
  }
  // The fence is shut by now (decide.ts); whether we still lead is for the API server to say.
  if (nowMs >= untilMs) return writeLease(turn, 'renew-late', renewed(record, turn.self));
  const planned = handOver(turn, record, redis);
  if (planned !== null) return planned;
  // A successor may be named by a request that nobody has heard of since. It must fail first.
  if (isGivenAway(turn)) return writeLease(turn, 'take-back', renewed(record, turn.self));
  const termRouted = turn.seen.route?.term ?? 0;
  if (termRouted > record.term) {
    // Somebody deleted the Lease, and the terms began anew. The route knows better.
    return writeLease(turn, 'outrank-old-term', claimed(record, turn.self, termRouted));
  }
  const { requiredReplicas } = turn.self;
  if (redis.fenced || redis.requiredReplicas !== requiredReplicas) {
    return remember(act(turn, 'open-for-writes', { kind: 'admit', requiredReplicas }), {
      takeover: null,
    });
  }
  if (!isRouted(turn, record)) {
    return act(turn, 'route-clients', { kind: 'route', term: record.term });
  }
  if (isOutOfTouch(turn)) return act(turn, 'keep-in-touch', { kind: 'ask' });
  return keep(turn, record, untilMs);
}

/** Renews when it is time to, and waits otherwise. */
function keep(turn: Turn, record: LeaseRecord, untilMs: MonotonicMs): Decision {
  const { confirmed, nowMs, busy } = turn.seen;
  const dueMs = after(confirmed?.sentAtMs ?? nowMs, turn.timing.renewPeriodMs);
  if (nowMs >= dueMs && !busy.lease) return writeLease(turn, 'renew', renewed(record, turn.self));
  return wait(turn, 'leading', nowMs >= dueMs ? untilMs : earliest(dueMs, untilMs));
}
