/**
 * The holder whose Redis is away: it names the best follower at once, because it knows what the
 * others would have to wait a whole lease for (protocol 5B).
 *
 * It does not release the Lease and let them race: the record goes straight to one name. Nobody
 * fit? Then it keeps the Lease, and leads again from disk when its Redis is back.
 */
import {
  ask,
  candidatesOf,
  heardSince,
  isAnswered,
  lateAnswersUntil,
  withoutLeader,
} from './choice.ts';
import { act, remember, wait, type Decision, type Reason, type Turn } from './decision.ts';
import { released, renewed, transferred, type LeaseRecord } from './lease.ts';
import { awaitsNewer } from './newest.ts';
import type { PeerSight, RedisSight } from './observation.ts';
import { isQuorum, lagBytesOf } from './quorum.ts';
import { best, type Candidate } from './ranking.ts';
import { dropAbsent } from './shrinking.ts';
import { after, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** The local Redis while it does not answer. */
export type RedisAway = Exclude<RedisSight, { kind: 'up' }>;

/** One tick of a holder without a Redis. */
export function abdicate(turn: Turn, record: LeaseRecord, redis: RedisAway): Decision {
  if (redis.kind === 'hung' && turn.memory.hangFencedMs !== redis.sinceMs) {
    // Queued on the open connection: the hung Redis runs it as soon as it goes on.
    const fence = act(turn, 'fence-hung-redis', { kind: 'fence', cutClients: true });
    return remember(fence, { hangFencedMs: redis.sinceMs });
  }
  const connectsUntilMs = connectsUntil(turn, redis);
  if (turn.seen.nowMs < connectsUntilMs) return wait(turn, 'redis-away', connectsUntilMs);
  // It may be accepting writes, and cannot be told to stop: another leader beside it would be worse.
  if (redis.kind === 'refusing') {
    return turn.seen.requests.stop === 'agent'
      ? act(turn, 'stopped', { kind: 'exit' })
      : stay(turn, record, 'redis-away-nobody-fit');
  }
  return replace(turn, record, redis);
}

/** Names the best follower, and stays the holder while there is none. */
function replace(turn: Turn, record: LeaseRecord, redis: RedisAway): Decision {
  if (!isAnswered(turn, redis.sinceMs)) return ask(turn, redis.sinceMs, 'redis-away-ask-peers');
  const { inquiry, nowMs } = turn.seen;
  const answersUntilMs = inquiry === null ? nowMs : lateAnswersUntil(turn, inquiry);
  if (nowMs < answersUntilMs) return wait(turn, 'redis-away-ask-peers', answersUntilMs);
  const to = record.paused || !record.initialized ? null : fittest(turn, record);
  if (to === null) return keepOrLeave(turn, record, 'redis-away-nobody-fit');
  if (!isQuorum(turn.self, record, withoutLeader(turn, record, heardOf(turn)), to))
    return keepOrLeave(turn, record, 'redis-away-await-quorum');
  const count = candidatesOf(heardOf(turn)).length;
  const answers = { winner: to, count, sinceMs: redis.sinceMs };
  // This Redis may be back before, with all that it had.
  return awaitsNewer(turn, record, answers)
    ? keepOrLeave(turn, record, 'redis-away-await-newer')
    : nameSuccessor(turn, record, redis, to);
}

function keepOrLeave(turn: Turn, record: LeaseRecord, reason: Reason): Decision {
  const { requests } = turn.seen;
  return requests.stop === null ? stay(turn, record, reason) : leave(turn, record);
}

/** The pod goes away: whoever becomes fit later should not have to wait for the lease to expire. */
function leave(turn: Turn, record: LeaseRecord): Decision {
  const { requests, leaseFailedAtMs } = turn.seen;
  // Nothing here leads, and the Lease expires as well without this agent.
  return requests.stop === 'agent' && leaseFailedAtMs !== null
    ? act(turn, 'stopped', { kind: 'exit' })
    : writeLease(turn, 'release', released(record));
}

/** An agent that has just started has not connected yet: its Redis may be well, and lead. */
function connectsUntil({ memory, timing }: Turn, { sinceMs }: RedisAway): MonotonicMs {
  const { startedAtMs } = memory;
  return sinceMs <= startedAtMs ? after(startedAtMs, timing.fenceTimeoutMs) : startedAtMs;
}

function nameSuccessor(turn: Turn, record: LeaseRecord, redis: RedisAway, to: Candidate): Decision {
  const { replid, offset } = to.position;
  const cause = redis.kind === 'hung' ? 'redis-hung' : 'redis-down';
  const successor = { pod: to.pod, uid: to.uid, address: to.address };
  const handover = { from: turn.self.pod, cause, replid, offset } as const;
  const next = transferred(record, successor, handover);
  return writeLease(turn, 'redis-away-name-successor', next, successor);
}

function fittest(turn: Turn, record: LeaseRecord): Candidate | null {
  const staying = heardOf(turn).filter((peer) => !peer.stopping);
  return best(candidatesOf(staying), record.lineage, lagBytesOf(turn.self));
}

function heardOf(turn: Turn): readonly PeerSight[] {
  return heardSince(turn, turn.seen.inquiry?.askedAtMs ?? turn.seen.nowMs);
}

/** Keeps the Lease while nobody else could use it, and asks again each period. */
function stay(turn: Turn, record: LeaseRecord, reason: Reason): Decision {
  const dropped = dropAbsent(turn, record);
  if (dropped !== null) return dropped;
  const { nowMs, confirmed, inquiry, busy } = turn.seen;
  const { renewPeriodMs } = turn.timing;
  const renewAtMs = after(confirmed?.sentAtMs ?? nowMs, renewPeriodMs);
  if (!busy.lease && nowMs >= renewAtMs) {
    return writeLease(turn, reason, renewed(record, turn.self));
  }
  const askAtMs = after(inquiry?.askedAtMs ?? nowMs, renewPeriodMs);
  if (nowMs >= askAtMs) return ask(turn, nowMs, 'redis-away-ask-peers');
  return wait(turn, reason, askAtMs);
}
