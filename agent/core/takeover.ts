/**
 * The holder of a term that nobody has led yet: it makes sure that its data are the right ones,
 * promotes behind the fence, and records where its history begins. Only then are writes accepted.
 *
 * A holder that claimed the Lease by itself asks its peers first. One that was named by the former
 * holder does not: that one asked, and in a hand-over it says which offset has to be there. Only a
 * strict set asks again where the former Redis may go on.
 */
import { ask, askAgain, choose, findAgain, heardSince, type Choice } from './choice.ts';
import { wait, type Decision, type Reason, type Turn } from './decision.ts';
import { withdrawReplica } from './demotion.ts';
import {
  claimed,
  released,
  renewed,
  transferred,
  type Handover,
  type LeaseRecord,
} from './lease.ts';
import { standing } from './lineage.ts';
import { boundUntil } from './promise.ts';
import { isPromoted, promote, recordLineage } from './promotion.ts';
import type { Candidate } from './ranking.ts';
import { dropAbsent } from './shrinking.ts';
import type { RedisUp } from './tenure.ts';
import { after, latest, type MonotonicMs } from './units.ts';
import { highestTermHeard } from './vacancy.ts';
import { writeLease } from './write.ts';

/** How long a named successor waits for the bytes that its predecessor says it has. */
export const catchUpMs = 1000;

/** How long to let the last bytes of a dead primary arrive before the promotion cuts them off. */
export const drainMs = 50;

/** For the beat and the inquiry, on top of the beat timeout. */
const anewMarginMs = 1000;

/**
 * One tick of a takeover. `again` says that the term was led before, so that leading takes a new
 * one.
 */
export function takeOver(
  turn: Turn,
  record: LeaseRecord,
  redis: RedisUp,
  again: boolean,
): Decision {
  const begun = turn.memory.takeover?.term === record.term ? turn.memory.takeover : null;
  const takeover = begun ?? { term: record.term, sinceMs: turn.seen.nowMs, promoted: null };
  const noted: Turn = { ...turn, memory: { ...turn.memory, takeover } };
  const handover = again ? null : record.handover;
  if (mayBeOld(turn, record, handover)) {
    return writeLease(noted, 'resume-after-restart', renewed(record, turn.self));
  }
  if (handover !== null) {
    return asNamed(noted, record, redis, { handover, sinceMs: takeover.sinceMs });
  }
  if (!again && isPromoted(noted, redis)) return recordLineage(noted, record, redis);
  return asClaimant(noted, record, redis, again);
}

/**
 * Held since before this agent began, and what it reads may be old: its followers' Redis go to a
 * promoted one by themselves, and throw away what that one lacks. So it makes sure first (I5). Who sees
 * itself named knows that this is new, unless it has seen nothing else.
 */
function mayBeOld(
  { memory, seen }: Turn,
  { term }: LeaseRecord,
  handover: Handover | null,
): boolean {
  const isNews = handover !== null && term !== memory.firstTerm;
  return seen.lease.kind === 'read' && seen.confirmed?.term !== term && !isNews;
}

interface Appointment {
  readonly handover: Handover;
  readonly sinceMs: MonotonicMs;
}

function asNamed(
  turn: Turn,
  record: LeaseRecord,
  redis: RedisUp,
  { handover, sinceMs }: Appointment,
): Decision {
  if (isPromoted(turn, redis)) return recordLineage(turn, record, redis);
  const { position } = redis;
  const { nowMs } = turn.seen;
  if (handover.cause === 'override') return promote(turn, record, redis, nowMs);
  if (standing(position, record.lineage).kind !== 'on-line' && record.initialized) {
    return writeLease(turn, 'takeover-not-fit', released(record));
  }
  if (mayGoOn(turn, handover)) return asClaimant(turn, record, redis, false);
  const isPlanned = handover.cause === 'switchover';
  if (position.replid === handover.replid && position.offset >= handover.offset) {
    return promote(turn, record, redis, isPlanned ? nowMs : after(sinceMs, drainMs));
  }
  const untilMs = after(sinceMs, isPlanned ? catchUpMs : drainMs);
  if (nowMs < untilMs) return wait(turn, 'takeover-await-offset', after(nowMs, 2));
  // Not the data that it was named for: its Redis has restarted since. Whose are the best is open
  // again; after a hand-over the former leader's are, and it claims what is released.
  return isPlanned
    ? writeLease(turn, 'takeover-not-fit', released(record))
    : asClaimant(turn, record, redis, false);
}

/**
 * A hung Redis may go on at any moment, before it runs the fence that it was sent, and take writes with
 * those who have not left it yet. What these acknowledge counts, so a strict set chooses once more when
 * they cannot acknowledge any more (I3).
 */
function mayGoOn({ self }: Turn, { cause }: Handover): boolean {
  return cause === 'redis-hung' && self.durability.strictQuorum;
}

function asClaimant(turn: Turn, record: LeaseRecord, redis: RedisUp, again: boolean): Decision {
  const sinceMs = turn.memory.takeover?.sinceMs ?? turn.seen.nowMs;
  const choice = choose(turn, record, redis.position, sinceMs);
  if (choice.kind === 'ask') return ask(turn, sinceMs, 'takeover-ask-peers');
  if (choice.kind === 'await-answers') return wait(turn, 'takeover-ask-peers', choice.untilMs);
  const termHeard = highestTermHeard(turn);
  if (termHeard > record.term) {
    // Somebody deleted the Lease, and the terms began anew. The fences of the old ones would win.
    return writeLease(turn, 'outrank-old-term', claimed(record, turn.self, termHeard));
  }
  if (choice.kind !== 'self' && choice.kind !== 'anew') {
    return notSelf(turn, record, choice, sinceMs);
  }
  const doubt = choice.kind === 'anew' ? doubtsEmpty(turn, record, sinceMs) : null;
  if (doubt !== null) return doubt;
  if (again) {
    return writeLease(turn, 'restarted-in-place', claimed(record, turn.self, termHeard));
  }
  return promote(turn, record, redis, after(sinceMs, drainMs));
}

/**
 * What is left to be made sure of when all members say that they are empty (I7); `null`: nothing. An agent
 * answers with what its Redis last said, until it knows that it hangs: a peer may have been empty then and
 * have data now. So all must have said it for longer than that. And a pod that was deleted by force may run
 * on, and answer for the one that has its name and the data: so the API server has to say, after that, that
 * these are the members.
 */
function doubtsEmpty(turn: Turn, record: LeaseRecord, sinceMs: MonotonicMs): Decision | null {
  const { inquiry, nowMs } = turn.seen;
  const heard = heardSince(turn, inquiry?.askedAtMs ?? nowMs);
  const metAtMs = latest(sinceMs, ...heard.map((peer) => peer.metAtMs));
  const dueMs = after(metAtMs, turn.timing.beatTimeoutMs + anewMarginMs);
  if (nowMs < dueMs) return awaitMembers(turn, record, 'takeover-await-members');
  if (heard.every((peer) => peer.foundAtMs >= dueMs)) return null;
  return keepLease(turn, record) ?? findAgain(turn, 'takeover-await-members');
}

function notSelf(
  turn: Turn,
  record: LeaseRecord,
  choice: Exclude<Choice, { kind: 'self' | 'anew' | 'ask' | 'await-answers' }>,
  sinceMs: MonotonicMs,
): Decision {
  const { nowMs } = turn.seen;
  switch (choice.kind) {
    case 'await-members':
      return awaitMembers(turn, record, 'takeover-await-members');
    case 'await-newer':
      return awaitMembers(turn, record, 'takeover-await-newer');
    case 'await-quorum':
      return awaitMembers(turn, record, 'takeover-await-quorum');
    case 'peer':
      return record.paused
        ? awaitMembers(turn, record, 'takeover-paused')
        : nameBetter(turn, record, choice.peer);
    case 'nobody':
      // Somebody else may be fit and not have answered. Free the Lease for it.
      return nowMs >= after(sinceMs, catchUpMs)
        ? writeLease(turn, 'takeover-not-fit', released(record))
        : askAgain(turn, 'takeover-ask-peers');
    default:
      return choice satisfies never;
  }
}

function awaitMembers(turn: Turn, record: LeaseRecord, reason: Reason): Decision {
  return keepLease(turn, record) ?? askAgain(turn, reason);
}

/** Members may be away longer than a lease lasts: without renewals they would take turns at waiting for ever. */
function keepLease(turn: Turn, record: LeaseRecord): Decision | null {
  const dropped = dropAbsent(turn, record);
  if (dropped !== null) return dropped;
  const { confirmed, nowMs, busy } = turn.seen;
  const dueMs = after(confirmed?.sentAtMs ?? nowMs, turn.timing.renewPeriodMs);
  const isDue = nowMs >= dueMs && !busy.lease;
  return isDue ? writeLease(turn, 'renew', renewed(record, turn.self)) : null;
}

/**
 * Last it leaves the old leader itself: the data that are the best by now are so only while nobody
 * acknowledges another write, and who names another and ends may go on with that for ever (I3).
 */
function nameBetter(turn: Turn, record: LeaseRecord, peer: Candidate): Decision {
  const { redis } = turn.seen;
  if (boundUntil(turn, record) !== null) return awaitMembers(turn, record, 'promise-kept');
  if (redis.kind === 'up' && redis.source !== null) return withdrawReplica(turn, redis);
  const to = { pod: peer.pod, uid: peer.uid, address: peer.address };
  const { replid, offset } = peer.position;
  const next = transferred(record, to, {
    from: turn.self.pod,
    cause: 'better-data',
    replid,
    offset,
  });
  return writeLease(turn, 'takeover-name-better', next, to);
}
