/**
 * When pods that were scaled away cease to count.
 *
 * The holder lowers the size in the Lease when the StatefulSet is smaller and the pods beyond are silent:
 * they do not come back. Who claims the Lease may lower it too, or a set whose last pod restarts would
 * wait for pods that are no more; not with data that were given up, because the newest are then with
 * one of those. In a strict set the leader alone lowers it, and not before it knows that nothing is lost.
 */
import type { Decision, Turn } from './decision.ts';
import { isHeldBy, recordedHead, resized, type LeaseRecord } from './lease.ts';
import { standing, type Position } from './lineage.ts';
import type { PeerSight } from './observation.ts';
import { isHead } from './tenure.ts';
import { silenceMs } from './timing.ts';
import { after, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** How old an answer about the StatefulSet may be: a few times as long as until it is asked again. */
const scaleAgeMaxMs = 20_000;

/** That the pods beyond a smaller size are gone, as the leader found. */
export interface Departure {
  /** Pods that are left. */
  readonly members: number;
  readonly atMs: MonotonicMs;
  /** History and offset of the leader's data then. */
  readonly replid: string;
  readonly offset: number;
}

/** The holder ceases to wait for pods that the StatefulSet has given up. */
export function dropAbsent(turn: Turn, record: LeaseRecord): Decision | null {
  const members = fewerMembers(turn, record, record.members);
  return members === null
    ? null
    : writeLease(turn, 'size-lower', resized(record, turn.self, members));
}

/** Pods that are left of `present` when those that were given up count no more; `null`: all count. */
export function fewerMembers(turn: Turn, record: LeaseRecord, present: number): number | null {
  const members = wantedBelow(turn, present);
  if (members === null || needsOthers(turn, record)) return null;
  const { strictQuorum } = turn.self.durability;
  if (strictQuorum && record.initialized) return isCopied(turn, record, members) ? members : null;
  return isLeftBy(turn, members) ? members : null;
}

/**
 * What a strict set has to know before it counts fewer (I3): that what a pod beyond has confirmed is also
 * with W of those that stay, or with all. Whoever has less could make a quorum of the smaller set without
 * it. Only the leader can tell, because nobody else has all that was written; and only by what it had
 * when the pods beyond were gone, because later writes need those that stay.
 */
function isCopied(turn: Turn, record: LeaseRecord, members: number): boolean {
  const { memory, seen } = turn;
  const { departure } = memory;
  if (departure?.members !== members) return false;
  const copies = seen.peers.filter(
    ({ ordinal, askedAtMs, position }) =>
      ordinal < members &&
      askedAtMs > departure.atMs &&
      position?.whole === true &&
      position.replid === departure.replid &&
      position.offset >= departure.offset,
  );
  return copies.length >= Math.min(record.requiredReplicas, members - 1);
}

/** The departure that the leader of a strict set goes by at the next look; `null`: none is seen. */
export function departureSeen(turn: Turn, record: LeaseRecord | null): Departure | null {
  if (!turn.self.durability.strictQuorum || record === null) return null;
  const members = wantedBelow(turn, record.members);
  const led = ledHere(turn, record);
  if (members === null || led === null) return null;
  const { departure } = turn.memory;
  const beyond = turn.seen.peers.filter(({ ordinal }) => ordinal >= members);
  if (departure?.members === members && departure.replid === led.replid) {
    const lasts = beyond.every((peer) => peer.heardAtMs < departure.atMs || hasEnded(peer));
    if (lasts) return departure;
  }
  const haveEnded = beyond.length >= record.members - members && beyond.every(hasEnded);
  if (!haveEnded && !isLeftBy(turn, members)) return null;
  return { members, atMs: turn.seen.nowMs, replid: led.replid, offset: led.offset };
}

/** Pods that the StatefulSet is to have, when these are fewer than `present`. */
function wantedBelow(turn: Turn, present: number): number | null {
  const members = wantedMembers(turn);
  return members === null || members >= present ? null : members;
}

/** The data of this pod, when they are those that it leads; `null` when it does not. */
function ledHere({ self, seen: { redis } }: Turn, record: LeaseRecord): Position | null {
  if (redis.kind !== 'up' || !isHeldBy(record, self)) return null;
  return isHead(record, redis.position) ? redis.position : null;
}

/** Its pod goes away, and its Redis has ended: it confirms nothing any more. */
function hasEnded({ stopping, position }: PeerSight): boolean {
  return stopping && position === null;
}

/**
 * Pods that the StatefulSet is to have, if that was asked since the Lease has had its present size: an
 * older answer may be the one before the last change.
 */
export function wantedMembers({ seen, memory }: Turn): number | null {
  const { scale, nowMs } = seen;
  const { sizedAtMs } = memory;
  if (scale === null || scale.members === 0 || sizedAtMs === null) return null;
  const isOld = scale.askedAtMs < sizedAtMs || nowMs > after(scale.askedAtMs, scaleAgeMaxMs);
  return isOld ? null : scale.members;
}

/**
 * Whether the data of this pod must not become the only ones that count: a branch that was given up, or
 * what a resync has not replaced yet. Alone it would lead with them, and lost writes would be back (I3).
 * It waits for a person, who brings the pods beyond back or names it. The leader of the newest history
 * has that one itself.
 */
function needsOthers({ self, seen }: Turn, record: LeaseRecord): boolean {
  const { redis } = seen;
  if (!record.initialized || (isHeldBy(record, self) && recordedHead(record) !== null))
    return false;
  if (redis.kind !== 'up') return true;
  const found = standing(redis.position, record.lineage);
  return found.kind === 'off-line' && found.why !== 'foreign';
}

/** All pods beyond have been silent for so long that a leader among them would have lost the Lease. */
function isLeftBy({ self, seen, memory, timing }: Turn, members: number): boolean {
  const sinceMs = seen.nowMs - silenceMs(timing);
  if (self.ordinal >= members || memory.startedAtMs > sinceMs) return false;
  const asked = seen.inquiry;
  if (asked === null || !asked.done || asked.askedAtMs < sinceMs) return false;
  return seen.peers.every(({ ordinal, heardAtMs }) => ordinal < members || heardAtMs <= sinceMs);
}
