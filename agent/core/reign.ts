/**
 * The holder whose Redis is the recorded primary: renew, keep the route, hand over when asked.
 */
import { isOutOfTouch } from './choice.ts';
import { act, remember, wait, type Decision, type Turn } from './decision.ts';
import { degradesAt, isGuarded, keepGuard, openingReplicas } from './guard.ts';
import { handOver } from './handover.ts';
import { claimed, renewed, secured, type LeaseRecord } from './lease.ts';
import { promisesDueAt } from './promise.ts';
import { isRouted } from './route.ts';
import { keepSize } from './size.ts';
import { isGivenAway, leadsUntil, tenantOf, type RedisUp } from './tenure.ts';
import { after, earliest, never, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** One tick of a leader. */
export function reign(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision {
  const { nowMs } = turn.seen;
  const untilMs = leadsUntil(tenantOf(turn), record);
  if (untilMs === null) {
    return writeLease(turn, 'resume-after-restart', renewed(record, turn.self));
  }
  const promisesDueMs = promisesDueAt(turn);
  if (promisesDueMs !== null && nowMs >= promisesDueMs && nowMs < untilMs) {
    // I16: losing only the API must not stop a leader.
    return act(turn, 'ask-promises', { kind: 'ask-promises', durationMs: turn.timing.promiseMs });
  }
  // The fence is shut by now (decide.ts); whether we still lead is for the API server to say.
  if (nowMs >= untilMs) return writeLease(turn, 'renew-late', renewed(record, turn.self));
  const planned = mend(turn, record, redis) ?? handOver(turn, record, redis);
  // While writes are not held back, a leader that waits for answers goes on to lead.
  const step = turn.memory.handover === null ? unlessWaiting(planned) : planned;
  if (step !== null) return step;
  // A successor may be named by a request that nobody has heard of since. It must fail first.
  if (isGivenAway(turn)) return writeLease(turn, 'take-back', renewed(record, turn.self));
  const next = outrank(turn, record) ?? serve(turn, record, redis);
  return next ?? keep(turn, record, redis, untilMs);
}

/** What a person has set is put right before peers are asked anything: their answers may take long (W). */
function mend(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision | null {
  const isMidway = turn.memory.handover !== null;
  return isMidway || redis.fenced || isGuarded(turn, record, redis) ? null : open(turn, record);
}

/** Somebody deleted the Lease, and the terms began anew. The route knows better. */
function outrank(turn: Turn, record: LeaseRecord): Decision | null {
  const termRouted = turn.seen.route?.term ?? 0;
  if (termRouted <= record.term) return null;
  return unlessWaiting(
    writeLease(turn, 'outrank-old-term', claimed(record, turn.self, termRouted)),
  );
}

/** What has to wait must not keep a leader from what cannot: from its guard, and from renewing. */
function unlessWaiting(decision: Decision | null): Decision | null {
  return decision?.action.kind === 'wait' ? null : decision;
}

/** Lets clients write, and lets them find the way. */
function serve(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision | null {
  if (redis.fenced) return open(turn, record);
  if (!isRouted(turn, record)) {
    return act(turn, 'route-clients', { kind: 'route', term: record.term });
  }
  const guarding = unlessWaiting(keepGuard(turn, record, redis) ?? keepSize(turn, record));
  if (guarding !== null) return guarding;
  return isOutOfTouch(turn) ? act(turn, 'keep-in-touch', { kind: 'ask' }) : null;
}

function open(turn: Turn, record: LeaseRecord): Decision {
  const requiredReplicas = openingReplicas(turn, record);
  return remember(act(turn, 'open-for-writes', { kind: 'admit', requiredReplicas }), {
    takeover: null,
  });
}

/** Renews when it is time to, and waits otherwise. */
function keep(turn: Turn, record: LeaseRecord, redis: RedisUp, untilMs: MonotonicMs): Decision {
  const { confirmed, nowMs, busy } = turn.seen;
  const dueMs = after(confirmed?.sentAtMs ?? nowMs, turn.timing.renewPeriodMs);
  const otherMs = earliest(untilMs, promisesDueAt(turn) ?? never, ahead(turn, degradesAt(turn)));
  if (nowMs < dueMs) return wait(turn, 'leading', earliest(dueMs, otherMs));
  if (busy.lease) return wait(turn, 'leading', otherMs);
  const renewing = writeLease(turn, 'renew', secured(record, turn.self, securedOf(redis)));
  return { ...renewing, wakeAtMs: earliest(renewing.wakeAtMs, otherMs) };
}

/**
 * Where a leader takes no write without a replica, only what a replica has can matter: what expires
 * meanwhile moves the offset as well.
 */
function securedOf({ ackedOffset, requiredReplicas, position }: RedisUp): number {
  return ackedOffset ?? (requiredReplicas === 0 ? position.offset : 0);
}

/** An instant that has come is no reason to wake: what is due then waits for something else. */
function ahead({ seen }: Turn, atMs: MonotonicMs): MonotonicMs {
  return atMs > seen.nowMs ? atMs : never;
}
