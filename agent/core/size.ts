/**
 * How many pods the set has. The Lease says so, and whoever counts or asks members goes by that: agents
 * of two sizes live side by side while a set is scaled, and each knows its own configuration only.
 *
 * A pod beyond that size follows nobody and claims nothing, so that there is nothing that only it
 * has. The holder alone raises the size, as soon as the StatefulSet is larger: it then counts the
 * newcomers too, before one of them counts on anything. It lowers the size when the StatefulSet is
 * smaller and the pods beyond are silent: they do not come back. Who claims the Lease may lower it too,
 * or a set whose last pod restarts would wait for pods that are no more; not with data that were given
 * up, because the newest are then with one of those.
 */
import type { Decision, Memory, Turn } from './decision.ts';
import { isHeldBy, recordedHead, resized, type LeaseRecord } from './lease.ts';
import { standing } from './lineage.ts';
import type { Observation, RedisSight, Self } from './observation.ts';
import { isStaleMemory } from './tenure.ts';
import { silenceMs } from './timing.ts';
import { after, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** How old an answer about the StatefulSet may be: a few times as long as until it is asked again. */
const scaleAgeMaxMs = 20_000;

/** A larger size that this agent has asked the Lease to have. */
export interface Growth {
  readonly members: number;
  readonly atMs: MonotonicMs;
}

/** What is remembered about the size. */
export type Sizes = Pick<Memory, 'growth' | 'sizedAtMs'>;

/**
 * This agent in the set as the Lease has it: the configured size counts only until there is a Lease that
 * says one. A request to raise it may have been carried out although nobody has answered.
 */
export function sized(
  self: Self,
  { growth }: Pick<Sizes, 'growth'>,
  record: LeaseRecord | null,
): Self {
  const recorded = record === null || record.members === 0 ? self.members : record.members;
  return { ...self, members: Math.max(recorded, growth?.members ?? 0) };
}

/** The turn of this agent in the set as it counts. Who claims leaves out the pods that were given up. */
export function inSet(turn: Turn, record: LeaseRecord | null): Turn {
  const counted: Turn = { ...turn, self: sized(turn.self, turn.memory, record) };
  const { self } = counted;
  // The holder asks the Lease, unless there is none that it could ask and it has to claim as well.
  const holds = record !== null && isHeldBy(record, self) && !isStaleMemory(counted, record);
  if (record === null || holds) return counted;
  const members = fewerMembers(counted, record, self.members);
  return members === null ? counted : { ...counted, self: { ...self, members } };
}

/**
 * Whether the size of the StatefulSet matters to this agent: it leads, or may have to, or was configured
 * for another size than the Lease has. Who replicates from a leader leaves it to that one.
 */
export function needsScale(self: Self, record: LeaseRecord | null, redis: RedisSight): boolean {
  if (record === null) return false;
  const isFollowing = redis.kind === 'up' && redis.source?.linkUp === true;
  return record.members !== self.members || !isFollowing || isHeldBy(record, self);
}

/** Whether the Lease counts this pod. */
export function isMember({ self }: Turn): boolean {
  return self.ordinal < self.members;
}

/**
 * What is known of sizes at the next look. A growth may have been carried out until a later write of ours
 * is confirmed.
 */
export function keptSizes(
  self: Self,
  memory: Memory,
  { confirmed, nowMs }: Observation,
  record: LeaseRecord | null,
): Sizes {
  const { growth, lastRecord } = memory;
  const isSame = record?.members === lastRecord?.members;
  const isPending = growth !== null && (confirmed === null || confirmed.sentAtMs <= growth.atMs);
  const holds = record !== null && isHeldBy(record, self);
  return {
    growth: holds && isPending ? growth : null,
    sizedAtMs: isSame ? memory.sizedAtMs : nowMs,
  };
}

/** The holder makes the Lease say how many pods there are, or `null` when it does. */
export function keepSize(turn: Turn, record: LeaseRecord): Decision | null {
  const members = wantedMembers(turn) ?? turn.self.members;
  if (members > record.members) {
    return writeLease(turn, 'size-raise', resized(record, turn.self, members));
  }
  return dropAbsent(turn, record);
}

/** The holder ceases to wait for pods that the StatefulSet has given up. */
export function dropAbsent(turn: Turn, record: LeaseRecord): Decision | null {
  const members = fewerMembers(turn, record, record.members);
  return members === null
    ? null
    : writeLease(turn, 'size-lower', resized(record, turn.self, members));
}

/** Pods that are left of `present` when those that were given up count no more; `null`: all count. */
function fewerMembers(turn: Turn, record: LeaseRecord, present: number): number | null {
  const members = wantedMembers(turn);
  if (members === null || members >= present || needsOthers(turn, record)) return null;
  return isLeftBy(turn, members) ? members : null;
}

/**
 * Pods that the StatefulSet is to have, if that was asked since the Lease has had its present size: an
 * older answer may be the one before the last change.
 */
function wantedMembers({ seen, memory }: Turn): number | null {
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
