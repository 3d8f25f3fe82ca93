/**
 * The holder whose Redis is the recorded primary: renew, keep the route, hand over when asked.
 */
import { act, remember, wait, type Decision, type Turn } from './decision.ts';
import { handOver } from './handover.ts';
import { renewed, type LeaseRecord } from './lease.ts';
import { leadsUntil, tenantOf, type RedisUp } from './tenure.ts';
import { after, earliest } from './units.ts';
import { writeLease } from './write.ts';

/** One tick of a leader. */
export function reign(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision {
  const { confirmed, nowMs } = turn.seen;
  const untilMs = leadsUntil(tenantOf(turn), record);
  if (untilMs === null) {
    return writeLease(turn, 'resume-after-restart', renewed(record, turn.self));
  }
  // The fence is shut by now (decide.ts); whether we still lead is for the API server to say.
  if (nowMs >= untilMs) return writeLease(turn, 'renew-late', renewed(record, turn.self));
  const planned = handOver(turn, record, redis);
  if (planned !== null) return planned;
  const { requiredReplicas } = turn.self;
  if (redis.fenced || redis.requiredReplicas !== requiredReplicas) {
    return remember(act(turn, 'open-for-writes', { kind: 'admit', requiredReplicas }), {
      takeover: null,
    });
  }
  if (!isRouted(turn, record)) {
    return act(turn, 'route-clients', { kind: 'route', term: record.term });
  }
  const dueMs = after(confirmed?.sentAtMs ?? nowMs, turn.timing.renewPeriodMs);
  if (nowMs >= dueMs && !turn.seen.busy.lease) {
    return writeLease(turn, 'renew', renewed(record, turn.self));
  }
  return wait(turn, 'leading', nowMs >= dueMs ? untilMs : earliest(dueMs, untilMs));
}

function isRouted(turn: Turn, record: LeaseRecord): boolean {
  const { route, busy } = turn.seen;
  if (busy.route) return true;
  if (route === null || route.term < record.term) return false;
  // A higher term wrote it: that one leads, and this agent is about to read so (I10).
  return route.term > record.term || route.address === turn.self.address;
}
