/**
 * Whether those that were asked are enough to promote the best of them (protocol section 9, strict).
 *
 * With W copies for each write, and R members that have left the old leader, R + W > N - 1 means that
 * one of them has every write that was acknowledged by W replicas. A member counts only when it left,
 * or the old leader could go on with its acknowledgements, and only with data that it streamed: what
 * it read from a disk may be older than what it once acknowledged.
 */
import { recordedHead, type LeaseRecord } from './lease.ts';
import { standing, type Position } from './lineage.ts';
import type { Self } from './observation.ts';
import { maximumLagBytes, type Candidate } from './ranking.ts';
import type { RedisUp } from './tenure.ts';

/** A member that answered. */
export interface Answered {
  readonly position: Position | null;
  readonly withdrawn: boolean;
  /** The highest term that it knows. */
  readonly term: number;
}

/**
 * Whether this Redis takes no part in any write, of its own or of another: a primary that is fenced, a
 * replica of nowhere. Not while a promise keeps the agent still: the leader that it was given to may
 * count it as one that stays, whether it receives from it or not. Nor while Redis is silent: it may still
 * have to carry out that it follows somebody.
 */
export function hasWithdrawn(sight: RedisUp, isBound: boolean): boolean {
  const { answered, position, source, fenced } = sight;
  if (isBound || !answered) return false;
  return position.role === 'primary' ? fenced : source === null;
}

/** Whether `winner` may lead. Always, where no strict quorum is asked for. */
export function isQuorum(
  self: Self,
  record: LeaseRecord,
  answered: readonly Answered[],
  winner: Candidate,
): boolean {
  const { strictQuorum } = self.durability;
  if (!strictQuorum) return true;
  if (answered.some(({ position }) => isAhead(position, winner, record))) return false;
  // Nobody is left who could have more. What is off the line, by a ping after a fence or by a resync
  // that did not end, may be more.
  const placed = answered.filter((one) => isPlaced(one, record)).length;
  if (placed >= self.members) return true;
  const newest = record.lineage.at(-1);
  if (winner.position.role === 'primary' && winner.position.replid === newest?.replid) return true;
  if (hasWholeHistory(winner.position, record)) return true;
  const counted = answered.filter((one) => isCounted(one, record)).length;
  return counted + record.requiredReplicas > self.members - 1;
}

/**
 * Whether these data are all that was ever written in the newest history: its leader was fenced for good
 * before it named a successor, and the Lease says where its last write ends.
 */
function hasWholeHistory(position: Position, { lineage }: LeaseRecord): boolean {
  const newest = lineage.at(-1);
  if (newest?.end === undefined || !position.exact) return false;
  const found = standing(position, lineage);
  return found.kind === 'on-line' && found.term === newest.term && found.offset >= newest.end;
}

function isPlaced(one: Answered, { lineage, term }: LeaseRecord): boolean {
  const { position, withdrawn } = one;
  if (position === null || !withdrawn || mayTakeWrites(one, term)) return false;
  return standing(position, lineage).kind !== 'off-line';
}

/** A primary that does not know of the term may be fenced for a moment only, by a hand-over that fails. */
function mayTakeWrites({ position, term }: Answered, since: number): boolean {
  return position?.role === 'primary' && term < since;
}

/** Who may never lead (priority 0), and has writes that the winner lacks. */
function isAhead(position: Position | null, winner: Candidate, { lineage }: LeaseRecord): boolean {
  if (position === null) return false;
  const [its, winners] = [standing(position, lineage), standing(winner.position, lineage)];
  if (its.kind !== 'on-line' || winners.kind !== 'on-line') return false;
  return its.term > winners.term || (its.term === winners.term && its.offset > winners.offset);
}

/** Bytes by which a favourite may be behind: any byte may be an acknowledged write. */
export function lagBytesOf({ durability }: Self): number {
  return durability.strictQuorum ? 0 : maximumLagBytes;
}

function isCounted(one: Answered, record: LeaseRecord): boolean {
  const { position, withdrawn } = one;
  if (position === null || !withdrawn || !position.streamed) return false;
  if (mayTakeWrites(one, record.term)) return false;
  const found = standing(position, record.lineage);
  // The newest that was recorded: who only has an older term was not there for the writes since.
  const newest = recordedHead(record)?.term ?? record.lineage.at(-1)?.term;
  return found.kind === 'on-line' && found.term === newest;
}
