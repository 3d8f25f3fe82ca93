/**
 * A follower: it replicates from the leader of the record, once that leader has recorded its
 * history and says so itself.
 *
 * Before that it only withdraws from an old leader. It never follows on hope: a Redis that has
 * restarted empty under a leader's old address would wipe this copy (I8, I9), and an address may
 * belong to a stranger by now.
 */
import { ask, askAgainMs, inTouch, isAnswered } from './choice.ts';
import { act, wait, type Decision, type Reason, type Turn } from './decision.ts';
import { cutNow, withdrawReplica } from './demotion.ts';
import { isHeldBy, recordedHead, type LeaseRecord } from './lease.ts';
import type { Position } from './lineage.ts';
import type { PeerSight, RedisSight } from './observation.ts';
import { boundUntil } from './promise.ts';
import type { Known, RedisUp } from './tenure.ts';
import {
  after,
  earliest,
  isSame,
  latest,
  never,
  type Contender,
  type MonotonicMs,
} from './units.ts';
import { vacantAt } from './vacancy.ts';

/** The history that the own data are of, and since when this process has seen that they are. */
export interface SeenHistory {
  readonly replid: string;
  readonly sinceMs: MonotonicMs;
}

/** The history that one more look at Redis shows. A look that was not answered says nothing new. */
export function historySeen(
  before: SeenHistory | null,
  redis: RedisSight,
  nowMs: MonotonicMs,
): SeenHistory | null {
  if (redis.kind !== 'up' || !redis.answered) return before;
  const { replid } = redis.position;
  return before?.replid === replid ? before : { replid, sinceMs: nowMs };
}

/** One tick of a follower. */
export function follow(turn: Turn, lease: Known, redis: RedisUp): Decision {
  const { record } = lease;
  const boundMs = boundUntil(turn, record);
  const head = recordedHead(record);
  // I14. A record that is out of date may say that the leader has not begun.
  const isOfLeader = isHeldBy(record, turn.seen.promised?.leader ?? turn.self) && head !== null;
  if (boundMs !== null && !isOfLeader) return wait(turn, 'promise-kept', boundMs);
  const leader = leaderOf(record);
  return head === null || leader === null
    ? leave(turn, redis, 'await-leader', vacantAt(turn, lease))
    : join(turn, lease, redis, { leader, replid: head.replid });
}

/** One tick of a pod that the Lease does not count (yet). Whatever it had would be nowhere else. */
export function attend(turn: Turn, redis: RedisUp): Decision {
  return leave(turn, redis, 'await-membership', never);
}

/**
 * Cuts a live stale leader from the acknowledgements that its writes may depend on. From the holder
 * too: it may have less than this copy, and until it has recorded its history, its Redis must not
 * begin a resync that throws the difference away.
 */
function leave(turn: Turn, redis: RedisUp, reason: Reason, expiryMs: MonotonicMs): Decision {
  return redis.source !== null ? withdrawReplica(turn, redis) : inTouch(turn, reason, expiryMs);
}

/** Who leads, and with which history. */
interface Leading {
  readonly leader: Contender;
  readonly replid: string;
}

function join(
  turn: Turn,
  lease: Known,
  { answered, position, source }: RedisUp,
  { leader, replid }: Leading,
): Decision {
  if (source?.address === leader.address) {
    return inTouch(turn, 'following', vacantAt(turn, lease));
  }
  const isKnown = isOfRecord(lease.record, position);
  const sinceMs = isKnown ? lease.seenAtMs : strangeSince(turn, lease);
  const peer = turn.seen.peers.find((one) => isSame(one, leader));
  const isLed = peer !== undefined && isProven(turn, lease, { peer, replid, sinceMs });
  // The others may speak of a later leader. Whoever has nothing of one has nothing to lose by what they
  // would say, and does not wait for them: the leader may not take a write before somebody follows.
  if (!isLed || (!isKnown && !isAnswered(turn, sinceMs))) return askLeader(turn, lease, sinceMs);
  // One that did not answer may be a primary by the time this comes to it, as in `withdrawReplica`.
  const cutClients = turn.memory.demotion !== null || !answered;
  const following = act(turn, 'follow-leader', { kind: 'follow', leader, cutClients });
  return cutClients ? cutNow(following, turn.seen.nowMs) : following;
}

/**
 * From when on answers count for who has data of a history that the record does not have. They may be of a
 * later leader, whom nobody knew of who was asked before they came (I9): a Redis that follows one which
 * becomes the leader gets that history with the next write, before its agent hears of the term.
 */
function strangeSince({ memory: { history } }: Turn, { seenAtMs }: Known): MonotonicMs {
  return history === null ? seenAtMs : latest(seenAtMs, history.sinceMs);
}

/** Whether these data were last received from, or written by, a leader of this record. */
function isOfRecord({ lineage }: LeaseRecord, { replid }: Position): boolean {
  return lineage.some((ancestor) => ancestor.replid === replid);
}

function leaderOf({ holder, address }: LeaseRecord): Contender | null {
  return holder === null || address === null ? null : { ...holder, address };
}

/** What a leader has to prove, and from when on an answer of it counts. */
interface Proof {
  readonly peer: PeerSight;
  readonly replid: string;
  readonly sinceMs: MonotonicMs;
}

/**
 * The leader itself said, since the record is as it is, that it leads this term and that its Redis is
 * the recorded primary; and nobody spoke of a later term. A record that is out of date names a Redis
 * that may lack what this one has already received from the next leader.
 */
function isProven(turn: Turn, lease: Known, { peer, replid, sinceMs }: Proof): boolean {
  const { position, term, askedAtMs } = peer;
  if (position === null || askedAtMs < sinceMs || term !== lease.record.term) return false;
  const { seenAtMs } = lease;
  const isLate = turn.seen.peers.some((one) => one.heardAtMs >= seenAtMs && one.term > term);
  if (isLate) return false;
  return position.role === 'primary' && position.replid === replid;
}

function askLeader(turn: Turn, lease: Known, sinceMs: MonotonicMs): Decision {
  const { inquiry, nowMs } = turn.seen;
  const asked = inquiry !== null && inquiry.askedAtMs >= sinceMs;
  if (!asked || !inquiry.done) return ask(turn, sinceMs, 'follow-ask-leader');
  const dueMs = after(inquiry.askedAtMs, askAgainMs);
  return nowMs < dueMs
    ? wait(turn, 'follow-ask-leader', earliest(dueMs, vacantAt(turn, lease)))
    : ask(turn, nowMs, 'follow-ask-leader');
}
