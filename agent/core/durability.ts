/**
 * How many copies a write needs before a leader takes it, and what happens when they are not there.
 *
 * W replicas must have acknowledged something within M seconds for Redis to accept a write
 * (`min-replicas-to-write`). That is a fence that lapses by itself, also while the agent beside Redis
 * stands still: once W + 1 pods cannot be reached, nobody writes to what the others replace. W is
 * published in the Lease. It is lowered there first, so that a leader that is cut off can never
 * lower it, and raised there last (protocol section 9).
 */

/** The names of the classes. */
export const durabilityClasses = ['async', 'guarded', 'strict'] as const;
/** One of `durabilityClasses`. */
export type DurabilityClass = (typeof durabilityClasses)[number];

/** What to do when fewer than W replicas are in step. */
export const replicaLossAnswers = ['degrade', 'block'] as const;
/** One of `replicaLossAnswers`: go on with fewer copies, or refuse writes. */
export type ReplicaLossAnswer = (typeof replicaLossAnswers)[number];

/** What a set's class asks for. */
export interface Durability {
  /** W; never more than the replicas that the set can have. */
  readonly requiredReplicas: number;
  readonly onReplicaLoss: ReplicaLossAnswer;
  /**
   * Nobody is promoted unless every possible set of W replicas has a member among those that were
   * asked: a write that W replicas acknowledged is in every later leader.
   */
  readonly strictQuorum: boolean;
}

/** What a person chose; `null` is the default. */
export interface DurabilityChoice {
  readonly durability: DurabilityClass | null;
  readonly onReplicaLoss: ReplicaLossAnswer | null;
}

/** Three pods can lose one and still keep two copies; two cannot. */
const guardedFrom = 3;

/** The class of a set of `members` pods. */
export function durabilityOf(choice: DurabilityChoice, members: number): Durability {
  const durability = choice.durability ?? (members >= guardedFrom ? 'guarded' : 'async');
  const strictQuorum = durability === 'strict';
  return {
    requiredReplicas: durability === 'async' ? 0 : Math.min(1, members - 1),
    onReplicaLoss: strictQuorum ? 'block' : (choice.onReplicaLoss ?? 'degrade'),
    strictQuorum,
  };
}

/** What is wrong with a choice, in a sentence; `null` when nothing is. */
export function durabilityFault(choice: DurabilityChoice): string | null {
  const lowers = choice.durability === 'strict' && choice.onReplicaLoss === 'degrade';
  return lowers
    ? 'durability strict with onReplicaLoss degrade: strict never lowers what a write needs; allowed is block'
    : null;
}
