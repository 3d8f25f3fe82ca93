/**
 * Nobody holds the Lease: it was released, has expired, or never existed. Who has data that may
 * lead claims it; the claim is one compare-and-swap, so that one wins.
 *
 * After an expiry this is safe without any question to the others: the old leader has stopped by
 * itself (tenure.ts). Whether *these* data are the best is settled after the claim (takeover.ts).
 */
import { ask, askAgain, choose, heardSince, inTouch, isAnswered } from './choice.ts';
import { wait, type Decision, type Reason, type Turn } from './decision.ts';
import { claimed, isHeldBy, recordedHead, released, type LeaseRecord } from './lease.ts';
import { standing, type Position } from './lineage.ts';
import { boundUntil, forgottenUntil } from './promise.ts';
import { expiresAt, termHeardFrom, type Known, type RedisUp } from './tenure.ts';
import { promisedMs, silenceMs } from './timing.ts';
import { after, latest, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** For how long a member may go on giving promises after it was last heard: until it is asked again. */
const unheardMs = 1500;

/**
 * When nobody holds the Lease any more, seen from here: at once when it was released, else when the
 * holder was silent for long enough, and not while this agent has promised it to keep still.
 */
export function vacantAt(turn: Turn, lease: Known): MonotonicMs {
  const { record } = lease;
  if (record.holder === null) return freeAt(turn, record);
  const expiresMs = expiresAt(turn, lease);
  const { promised } = turn.seen;
  const isOfHolder = promised !== null && isHeldBy(record, promised.leader);
  const boundMs = isOfHolder ? boundUntil(turn, record) : null;
  return boundMs === null ? expiresMs : latest(expiresMs, boundMs);
}

/**
 * A Lease that was released is free at once when its holder has led: whoever led before it has ended. A
 * holder that has not led says nothing about a leader before it, which may go on by promises, and one of
 * them may be of the process before this one (I14).
 */
function freeAt({ seen, memory, timing }: Turn, record: LeaseRecord): MonotonicMs {
  const wasLed = record.term === 0 || recordedHead(record) !== null;
  return wasLed ? seen.nowMs : latest(seen.nowMs, forgottenUntil(timing, memory.startedAtMs));
}

/** One tick of an agent that sees nobody hold the Lease. */
export function claim(turn: Turn, lease: Known, redis: RedisUp): Decision {
  const { record } = lease;
  const { nowMs } = turn.seen;
  if (record.paused) return inTouch(turn, 'vacant-paused', after(nowMs, turn.timing.renewPeriodMs));
  const kept = keepStill(turn, lease);
  if (kept !== null) return kept;
  if (!isFit(turn, record, redis.position)) return unfit(turn, lease, redis.position);
  return (record.revision === null ? askWhoRemembers(turn, lease) : null) ?? claimNow(turn, record);
}

/** What keeps whoever would claim from it, although nobody holds the Lease any more; `null`: nothing. */
export function keepStill(turn: Turn, lease: Known): Decision | null {
  const boundMs = boundUntil(turn, lease.record);
  return boundMs === null ? awaitTwin(turn, lease) : wait(turn, 'promise-kept', boundMs);
}

/**
 * The holder was a pod of this name, deleted by force: it may run on, cut off from the API server, and
 * lead by the promises of all members but its own, which is this pod by now and has promised nothing
 * (I2). Once one of them is free after the lease has expired, that right has ended for good. When none of
 * them answers any more, what they have promised runs on without them.
 */
function awaitTwin(turn: Turn, lease: Known): Decision | null {
  const { self, seen } = turn;
  if (lease.record.holder?.pod !== self.pod || self.members === 1) return null;
  const vacantMs = vacantAt(turn, lease);
  if (!isAnswered(turn, vacantMs)) return ask(turn, vacantMs, 'claim-ask-peers');
  const heard = heardSince(turn, seen.inquiry?.askedAtMs ?? vacantMs);
  const isFree = heard.some((peer) => !peer.bound);
  const isOver = heard.length === 0 && seen.nowMs >= lastPromiseUntil(turn);
  return isFree || isOver ? null : askAgain(turn, 'promise-kept');
}

/** When the last promise of a member is over that was bound when it was last heard, and then ended. */
function lastPromiseUntil({ seen, timing, memory }: Turn): MonotonicMs {
  const bound = seen.peers.filter((peer) => peer.bound).map(({ heardAtMs }) => heardAtMs);
  const lastMs = latest(memory.startedAtMs, ...bound);
  return after(lastMs, promisedMs(timing) + unheardMs);
}

/**
 * No Lease: a new set, or somebody has deleted it. Peers that remember a later term than this agent
 * write it again when they have seen no leader for a lease duration; to begin with what is known here
 * before them would forget which data are the right ones. Without end it waits for members that are bound to
 * the leader of a later term: that one may lead by their promises, and it may not need one of this pod,
 * which it does not count (I2, I4).
 */
export function askWhoRemembers(turn: Turn, { record, seenAtMs }: Known): Decision | null {
  const { inquiry, peers } = turn.seen;
  if (inquiry === null || !isAnswered(turn, seenAtMs)) {
    return ask(turn, seenAtMs, 'claim-ask-peers');
  }
  const isBound = peers.some(
    ({ heardAtMs, bound, term }) => heardAtMs >= inquiry.askedAtMs && bound && term > record.term,
  );
  if (isBound) return askAgain(turn, 'promise-kept');
  const untilMs = after(seenAtMs, 3 * silenceMs(turn.timing));
  const waits = highestTermHeard(turn) > record.term && turn.seen.nowMs < untilMs;
  return waits ? wait(turn, 'claim-await-memory', untilMs) : null;
}

function claimNow(turn: Turn, record: LeaseRecord): Decision {
  const reason: Reason =
    record.term === 0 ? 'claim-new' : record.holder === null ? 'claim-released' : 'claim-expired';
  const claiming = writeLease(turn, reason, claimed(record, turn.self, highestTermHeard(turn)));
  if (claiming.action.kind !== 'wait') return claiming;
  // While the API server does not answer, peers may get other addresses: who claims asks them once (I6).
  return inTouch(turn, claiming.reason, claiming.wakeAtMs);
}

function isFit(turn: Turn, record: LeaseRecord, position: Position): boolean {
  if (turn.self.priority === 0 || !position.whole) return false;
  return !record.initialized || standing(position, record.lineage).kind === 'on-line';
}

/**
 * Data that may not lead. One case remains in which they may after all: nobody has any (choice.ts).
 * That takes an answer of every member, asked for each period.
 */
function unfit(turn: Turn, lease: Known, position: Position): Decision {
  const { inquiry, nowMs } = turn.seen;
  const dueMs = after(inquiry?.askedAtMs ?? nowMs, turn.timing.renewPeriodMs);
  if (inquiry === null || (inquiry.done && nowMs >= dueMs)) {
    return ask(turn, nowMs, 'vacant-not-fit');
  }
  const choice = choose(turn, lease.record, position, inquiry.askedAtMs);
  if (choice.kind === 'self' || choice.kind === 'anew') return claimNow(turn, lease.record);
  return restore(turn, lease) ?? wait(turn, 'vacant-not-fit', dueMs);
}

/**
 * Somebody has deleted the Lease, and who remembers the latest term has no data to lead with. The one
 * who has may not know that they are the right ones: it was cut off from the API server as their term
 * was recorded. So who knows says so again, in a Lease that nobody holds (I18: nobody else would write
 * it, ever). It asks first and waits like who would claim, and so ends no other's right (I2, I4).
 */
function restore(turn: Turn, lease: Known): Decision | null {
  const { record } = lease;
  const isLatest = record.initialized && highestTermHeard(turn) <= record.term;
  if (record.revision !== null || !isLatest || askWhoRemembers(turn, lease) !== null) return null;
  return writeLease(turn, 'restore-lease', released(record));
}

/** The highest term that any peer or the route spoke of, 0 when none did. */
export function highestTermHeard({ seen }: Turn): number {
  return Math.max(seen.route?.term ?? 0, termHeardFrom(seen.peers));
}
