/**
 * Whether the holder of an unrecorded term should lead itself, or name somebody better.
 *
 * It chooses only among answers to a question that it asked after it became the holder: an older
 * answer may come from a pod that has since lost its data.
 */
import { act, wait, type Decision, type Reason, type Turn } from './decision.ts';
import { isHeldBy, recordedHead, type LeaseRecord } from './lease.ts';
import { awaitsNewer } from './newest.ts';
import type { Position } from './lineage.ts';
import type { Inquiry, PeerSight } from './observation.ts';
import { isQuorum, lagBytesOf } from './quorum.ts';
import { best, richest, type Candidate } from './ranking.ts';
import { after, earliest, isSame, type MonotonicMs } from './units.ts';

/** How long the first leader waits for members that do not answer when somebody has data. */
export const bootstrapWaitMs = 10_000;

/**
 * How long the first leader waits for data: of a member that still loads them, and, when nobody that
 * answers has any, of members that do not answer. These may have all that there is, on volumes of a set
 * before this one, and a volume that comes from another machine comes minutes late (I7).
 */
export const bootstrapDataMs = 120_000;

/** The outcome of a choice. */
export type Choice =
  | { readonly kind: 'self' }
  | { readonly kind: 'peer'; readonly peer: Candidate }
  /** Nobody has any data, it seems: whoever holds the Lease may begin anew. */
  | { readonly kind: 'anew' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'await-answers'; readonly untilMs: MonotonicMs }
  | { readonly kind: 'await-members'; readonly untilMs: MonotonicMs }
  /** The best is known, and writes that only others have may be missing there. */
  | { readonly kind: 'await-quorum' }
  /** The best that answered lacks writes that another is known to have. */
  | { readonly kind: 'await-newer' }
  | { readonly kind: 'nobody' };

/** Chooses with answers to questions asked at or after `sinceMs`. */
export function choose(
  turn: Turn,
  record: LeaseRecord,
  position: Position,
  sinceMs: MonotonicMs,
): Choice {
  const { inquiry, nowMs } = turn.seen;
  if (inquiry === null || !isAnswered(turn, sinceMs)) return { kind: 'ask' };
  const answersUntilMs = lateAnswersUntil(turn, inquiry);
  if (nowMs < answersUntilMs) return { kind: 'await-answers', untilMs: answersUntilMs };
  const heard = heardSince(turn, inquiry.askedAtMs);
  const all = [...candidatesOf(heard), ownCandidate(turn, position)];
  if (record.initialized) {
    const winner = best(all, record.lineage, lagBytesOf(turn.self));
    if (winner === null) return ifNothingToLose(turn, heard, all);
    const own = { position, withdrawn: true, term: record.term };
    if (!isQuorum(turn.self, record, [...withoutLeader(turn, record, heard), own], winner))
      return { kind: 'await-quorum' };
    const isLate = awaitsNewer(turn, record, { winner, count: all.length, sinceMs });
    return isLate ? { kind: 'await-newer' } : asChoice(turn, winner);
  }
  return chooseFirst(turn, heard, all, sinceMs);
}

/**
 * The own Redis led the term and has restarted: who still follows it receives from nobody, and leaves
 * once the next term has begun.
 */
export function withoutLeader(
  { self }: Turn,
  record: LeaseRecord,
  heard: readonly PeerSight[],
): readonly PeerSight[] {
  if (recordedHead(record) === null || !isHeldBy(record, self)) return heard;
  return heard.map((peer) => ({
    ...peer,
    withdrawn: peer.withdrawn || peer.position?.role === 'replica',
  }));
}

/** The first leader of all: nothing says whose data are the right ones. */
function chooseFirst(
  turn: Turn,
  heard: readonly PeerSight[],
  all: readonly Candidate[],
  sinceMs: MonotonicMs,
): Choice {
  const loading = heard.some((peer) => peer.position === null);
  const complete = heard.length >= turn.self.members - 1 && !loading;
  const winner = richest(all);
  const awaitsData = loading || winner === null || winner.position.keys === 0;
  const untilMs = after(sinceMs, awaitsData ? bootstrapDataMs : bootstrapWaitMs);
  if (!complete && turn.seen.nowMs < untilMs) return { kind: 'await-members', untilMs };
  return winner === null ? ifNothingToLose(turn, heard, all) : asChoice(turn, winner);
}

/** Who may be a candidate, once its Redis answers. */
type Asked = Omit<Candidate, 'position'> & { readonly position: Position | null };

/** Peers whose Redis answers. */
export function candidatesOf(peers: readonly Asked[]): readonly Candidate[] {
  return peers.flatMap(({ pod, uid, address, ordinal, priority, position }) =>
    position === null ? [] : [{ pod, uid, address, ordinal, priority, position }],
  );
}

/** This pod as a candidate. */
export function ownCandidate(turn: Turn, position: Position): Candidate {
  return { ...turn.self, position };
}

function asChoice(turn: Turn, winner: Candidate): Choice {
  return isSame(winner, turn.self) ? { kind: 'self' } : { kind: 'peer', peer: winner };
}

/**
 * An empty data set never leads a set that has had data, since somewhere the data may still be, nor does
 * what a broken resync left lead a new one. But when *every* member answers and every one is empty,
 * they are nowhere: sets without persistence come back like this after a power cut, and waiting for
 * an operator would save nothing.
 */
function ifNothingToLose(
  turn: Turn,
  heard: readonly PeerSight[],
  all: readonly Candidate[],
): Choice {
  // The only member has the only data, whatever became of their history.
  const isAlone = turn.self.members === 1;
  const answered = all.length === turn.self.members && heard.length === all.length - 1;
  // Not by their standing: what a broken resync left may be no whole data set, and still is empty.
  const isEmpty = answered && all.every((one) => one.position.keys === 0);
  if (turn.self.priority === 0) return { kind: 'nobody' };
  if (isAlone) return { kind: 'self' };
  return isEmpty ? { kind: 'anew' } : { kind: 'nobody' };
}

/**
 * Until when to wait for members that an inquiry did not wait for, because they were silent the last
 * time: one that has come back since may have the best data. Past when all were heard.
 */
export function lateAnswersUntil(turn: Turn, { askedAtMs }: Inquiry): MonotonicMs {
  const isComplete = heardSince(turn, askedAtMs).length >= turn.self.members - 1;
  return isComplete ? askedAtMs : after(askedAtMs, lateAnswersMs);
}

/** Members that were asked at or after `sinceMs` and answered: what was said before may no longer be so. */
export function heardSince({ self, seen }: Turn, sinceMs: MonotonicMs): readonly PeerSight[] {
  return seen.peers.filter(
    ({ askedAtMs, ordinal }) => askedAtMs >= sinceMs && ordinal < self.members,
  );
}

/** Ten times what an answer takes between two machines of one cluster. */
const lateAnswersMs = 50;

/** Whether the answers at hand are newer than `sinceMs` and complete. */
export function isAnswered(turn: Turn, sinceMs: MonotonicMs): boolean {
  const { inquiry } = turn.seen;
  return inquiry?.done === true && asksAll(turn, inquiry, sinceMs);
}

/** The Lease may count more pods by now than were asked. */
function asksAll({ self }: Turn, { askedAtMs, members }: Inquiry, sinceMs: MonotonicMs): boolean {
  return askedAtMs >= sinceMs && members >= self.members;
}

/** Asks the peers, or waits while a question that is new enough is on its way. */
export function ask(turn: Turn, sinceMs: MonotonicMs, reason: Reason): Decision {
  const { inquiry, nowMs } = turn.seen;
  const asked = inquiry?.done === false && asksAll(turn, inquiry, sinceMs);
  return asked
    ? wait(turn, reason, after(nowMs, inquiryLimitMs))
    : act(turn, reason, { kind: 'ask' });
}

/** How soon members are asked again whose answers do not do. */
export const askAgainMs = 250;

/** Asks the peers again now and then. */
export function askAgain(turn: Turn, reason: Reason): Decision {
  return pause(turn, reason) ?? ask(turn, turn.seen.nowMs, reason);
}

/** The same, where it matters that who answers is the pod that has the name by now. */
export function findAgain(turn: Turn, reason: Reason): Decision {
  return pause(turn, reason) ?? act(turn, reason, { kind: 'find' });
}

/** Until the next question is due; `null`: it is. */
function pause(turn: Turn, reason: Reason): Decision | null {
  const { inquiry, nowMs } = turn.seen;
  const dueMs = after(inquiry?.askedAtMs ?? nowMs, askAgainMs);
  return nowMs < dueMs ? wait(turn, reason, dueMs) : null;
}

/** The end of an inquiry is an event of its own; this only bounds one that got lost. */
const inquiryLimitMs = 1000;

/**
 * Every agent knows its peers before it needs them: in a crash there is no time to find out that a
 * pod has another address by now, or to open a connection.
 */
export function isOutOfTouch(turn: Turn): boolean {
  return turn.seen.nowMs >= touchDueAt(turn);
}

/** When the peers are to be asked next although nothing depends on it. */
export function touchDueAt({ seen, timing }: Turn): MonotonicMs {
  const { inquiry, nowMs } = seen;
  return inquiry === null ? nowMs : after(inquiry.askedAtMs, 2 * timing.renewPeriodMs);
}

/** Waits, and asks the peers now and then. */
export function inTouch(turn: Turn, reason: Reason, untilMs: MonotonicMs): Decision {
  return isOutOfTouch(turn)
    ? act(turn, 'keep-in-touch', { kind: 'ask' })
    : wait(turn, reason, earliest(untilMs, touchDueAt(turn)));
}
