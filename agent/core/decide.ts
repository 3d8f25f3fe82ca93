/**
 * The decision of one tick: the fence first, then what the role asks for.
 *
 * Roles are derived, not remembered: the holder of the Lease leads or takes over, everybody else
 * follows, and when nobody holds it the fit ones claim it.
 */
import { abdicate } from './abdication.ts';
import { ask, candidatesOf, heardSince, inTouch, isAnswered } from './choice.ts';
import { act, remember, wait, type Decision, type Memory, type Turn } from './decision.ts';
import { cutDueAt, cutLateClients, demotedSince, stepDown } from './demotion.ts';
import { attend, follow, historySeen } from './follower.ts';
import { shortSince } from './guard.ts';
import { isHeldBy, pausedAs, recordedHead, type LeaseRecord } from './lease.ts';
import type { Observation, Self } from './observation.ts';
import { overrule } from './override.ts';
import { best } from './ranking.ts';
import { reign } from './reign.ts';
import { takeOver } from './takeover.ts';
import {
  isGivenAway,
  isHead,
  isOpen,
  isPast,
  isStaleMemory,
  known,
  leadsUntil,
  mayLead,
  tenantOf,
  type Known,
  type RedisUp,
  type Right,
} from './tenure.ts';
import { departureSeen } from './shrinking.ts';
import { inSet, isMember, keptSizes } from './size.ts';
import { silenceMs, type Timing } from './timing.ts';
import { after, earliest, never, type MonotonicMs } from './units.ts';
import { claim, vacantAt } from './vacancy.ts';
import { writeLease } from './write.ts';

/** Decides what this agent does next. Pure: the same arguments always give the same answer. */
export function decide(self: Self, timing: Timing, memory: Memory, seen: Observation): Decision {
  const record = seen.lease.kind === 'read' ? seen.lease.record : memory.lastRecord;
  const sizes = keptSizes(self, memory, seen, record);
  const kept = settled(self, seen, { ...memory, ...sizes, lastRecord: record });
  const departure = departureSeen({ self, timing, memory: kept, seen }, record);
  const turn = inSet({ self, timing, memory: { ...kept, departure }, seen }, record);
  const right = rightOf(turn);
  const decision = noting(turn, fenceIfNotLeading(turn) ?? byRole(turn));
  // The next tick may prolong it.
  return remember(notPastDeadline(turn, right, decision), { right });
}

function rightOf(turn: Turn): Right | null {
  const record = known(turn)?.record ?? null;
  const untilMs = record === null ? null : leadsUntil(tenantOf(turn), record);
  return record === null || untilMs === null ? null : { term: record.term, untilMs };
}

/** Remembers what may become true of the Lease as soon as this request is carried out. */
function noting({ self, seen, memory }: Turn, decision: Decision): Decision {
  const { action } = decision;
  const { lastRecord } = memory;
  if (action.kind !== 'write-lease' || lastRecord === null || !isHeldBy(lastRecord, self)) {
    return decision;
  }
  const { nowMs } = seen;
  if (!isHeldBy(action.record, self)) return remember(decision, { givenAwayAtMs: nowMs });
  const { requiredReplicas, members } = action.record;
  const raises = requiredReplicas > lastRecord.requiredReplicas;
  const grows = members > lastRecord.members;
  return remember(decision, {
    ...(raises ? { raisedAtMs: nowMs } : {}),
    ...(grows ? { growth: { members, atMs: nowMs } } : {}),
  });
}

/** Whatever a leader waits for, it wakes when its right to lead ends: the fence is due then. */
function notPastDeadline(turn: Turn, right: Right | null, decision: Decision): Decision {
  const { nowMs } = turn.seen;
  const ahead = [right?.untilMs ?? never, resumesUntil(turn), cutDueAt(turn) ?? never].filter(
    (atMs) => atMs > nowMs,
  );
  return { ...decision, wakeAtMs: earliest(decision.wakeAtMs, ...ahead) };
}

/** Drops what belongs to a leadership, a demotion or a hand-over that is over. */
function settled(self: Self, { redis, nowMs }: Observation, memory: Memory): Memory {
  const { lastRecord, takeover } = memory;
  const holds = lastRecord !== null && isHeldBy(lastRecord, self);
  return {
    ...memory,
    firstTerm: memory.firstTerm ?? lastRecord?.term ?? null,
    takeover: holds && takeover?.term === lastRecord.term ? takeover : null,
    handover: holds ? memory.handover : null,
    givenAwayAtMs: holds ? memory.givenAwayAtMs : null,
    handoverTried: holds ? memory.handoverTried : [],
    raisedAtMs: holds ? memory.raisedAtMs : null,
    shortSinceMs: shortSince(memory.shortSinceMs, redis, nowMs),
    demotion: demotedSince(memory.demotion, redis, nowMs),
    history: historySeen(memory.history, redis, nowMs),
  };
}

/**
 * I2, I4: a primary that accepts writes without the right to is fenced before anything else, and
 * before any question or request that could take time.
 */
function fenceIfNotLeading(turn: Turn): Decision | null {
  const { redis, nowMs } = turn.seen;
  if (!isOpen(redis)) return null;
  const lease = known(turn);
  const record = lease?.record ?? null;
  const mayStay = record !== null && mayLead(tenantOf(turn), record, redis.position);
  if (mayStay && !isGivenAway(turn)) return null;
  if (isResuming(turn, record, redis)) return null;
  const isOverdue = record !== null && isPast(leadsUntil(tenantOf(turn), record), nowMs);
  const reason = isOverdue ? 'fence-deadline-passed' : 'fence-not-holder';
  return act(turn, reason, { kind: 'fence', cutClients: true });
}

/**
 * An agent that starts beside a Redis that leads does not know yet whether it still may. It asks
 * before it fences: a restart of the agent alone should cost no write. Meanwhile Redis is guarded as
 * it was while no agent ran, by its own count of replicas. Bounded by two requests.
 */
function isResuming(turn: Turn, record: LeaseRecord | null, redis: RedisUp): boolean {
  if (turn.seen.nowMs >= resumesUntil(turn)) return false;
  if (record === null) return true;
  return (
    isHeldBy(record, turn.self) && turn.seen.confirmed === null && isHead(record, redis.position)
  );
}

/** Two requests after its start an agent knows whether it leads, or has to take it that it does not. */
function resumesUntil({ memory, timing }: Turn): MonotonicMs {
  return after(memory.startedAtMs, 2 * timing.requestTimeoutMs);
}

function byRole(turn: Turn): Decision {
  const lease = known(turn);
  if (lease === null) return wait(turn, 'lease-unread', never);
  const { record } = lease;
  const { redis, requests, nowMs } = turn.seen;
  const asked = asAsked(turn, lease);
  // What has to wait must not keep the agent from what cannot.
  if (asked !== null && asked.action.kind !== 'wait') return asked;
  if (isHeldBy(record, turn.self) && !isStaleMemory(turn, record)) return asHolder(turn, record);
  if (requests.stop === 'agent') return act(turn, 'stopped', { kind: 'exit' });
  // Pods get other addresses meanwhile: who claims as soon as it is back must know where to ask (I6).
  if (redis.kind !== 'up') return inTouch(turn, 'redis-away', never);
  const vacant = nowMs >= vacantAt(turn, lease);
  return stepDown(turn, redis) ?? cutLateClients(turn) ?? asOther(turn, lease, redis, vacant);
}

/** Not the holder: who would hold the Lease, follows, or is not counted yet. */
function asOther(turn: Turn, lease: Known, redis: RedisUp, vacant: boolean): Decision {
  if (vacant && turn.seen.requests.stop === 'pod') {
    const left = leaveToOthers(turn, lease);
    if (left !== null) return left;
  }
  if (!isMember(turn)) return attend(turn, redis);
  return vacant ? claim(turn, lease, redis) : follow(turn, lease, redis);
}

/**
 * A pod that goes away has just given the Lease up, or would have to at once: it leaves the Lease to the
 * others. When none of them takes it, or none that answers could, what it has may be nowhere else: whom it
 * named has lost its data since (I18). It leads again then, until somebody has them; it has not long for
 * that, and does not wait for who cannot lead.
 */
function leaveToOthers(turn: Turn, lease: Known): Decision | null {
  const { record } = lease;
  const sinceMs = record.holder === null ? lease.seenAtMs : vacantAt(turn, lease);
  const untilMs = after(sinceMs, silenceMs(turn.timing));
  if (turn.seen.nowMs >= untilMs) return null;
  if (!isAnswered(turn, sinceMs)) return ask(turn, sinceMs, 'stopped');
  const fittest = best(candidatesOf(heardSince(turn, sinceMs)), record.lineage);
  return record.initialized && fittest === null ? null : wait(turn, 'stopped', untilMs);
}

/** What a person wants of the set, whoever holds the Lease. */
function asAsked(turn: Turn, lease: Known): Decision | null {
  const { pause } = turn.seen.requests;
  const { record } = lease;
  if (pause !== null && pause !== record.paused && record.revision !== null) {
    return writeLease(turn, 'pause-by-hand', pausedAs(record, pause));
  }
  return overrule(turn, lease);
}

function asHolder(turn: Turn, record: LeaseRecord): Decision {
  const { redis } = turn.seen;
  if (redis.kind !== 'up') return abdicate(turn, record, redis);
  if (isHead(record, redis.position)) return reign(turn, record, redis);
  // The term was led already, and not with these data: this Redis has restarted. A term has one
  // history, so leading again takes a new term, and first a look at who has the best data now.
  return takeOver(turn, record, redis, recordedHead(record) !== null);
}
