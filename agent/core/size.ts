/**
 * How many pods the set has. The Lease says so, and whoever counts or asks members goes by that: agents
 * of two sizes live side by side while a set is scaled, and each knows its own configuration only.
 *
 * A pod beyond that size follows nobody and claims nothing, so that there is nothing that only it
 * has. The holder alone raises the size, as soon as the StatefulSet is larger: it then counts the
 * newcomers too, before one of them counts on anything. When it lowers the size says shrinking.ts.
 */
import type { Decision, Memory, Turn } from './decision.ts';
import { isHeldBy, resized, type LeaseRecord } from './lease.ts';
import type { Observation, RedisSight, Self } from './observation.ts';
import { dropAbsent, fewerMembers, wantedMembers } from './shrinking.ts';
import { isStaleMemory } from './tenure.ts';
import type { MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

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
