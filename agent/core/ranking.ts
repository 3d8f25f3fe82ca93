/**
 * Who of several pods should lead: one order, the same in every agent, so that two that see the
 * same pods choose the same one.
 *
 * History first, because data of an older term lack writes that were acknowledged since. Then the
 * operator's priority among those that differ by no more than `maximumLagBytes`, then the offset,
 * then what is there beyond it in a history that nobody recorded, then the lower ordinal.
 */
import { standing, type Ancestor, type Position } from './lineage.ts';
import type { Contender } from './units.ts';

/** A pod and what is known of its data. */
export interface Candidate extends Contender {
  readonly ordinal: number;
  readonly priority: number;
  readonly position: Position;
}

/**
 * Bytes by which an operator's favourite may be behind the best and still be preferred. An idle
 * primary's pings alone make replicas differ by a few hundred bytes; a real write ahead of the
 * favourite is worth more than the preference, so this is no larger than what pings explain.
 */
export const maximumLagBytes = 1024;

interface Placed {
  readonly candidate: Candidate;
  readonly term: number;
  readonly offset: number;
}

/**
 * The fittest candidate whose data lie on the recorded lineage.
 *
 * @returns `null` when nobody is fit; the caller must then wait, not guess.
 */
export function best(
  candidates: readonly Candidate[],
  lineage: readonly Ancestor[],
  lagBytes = maximumLagBytes,
): Candidate | null {
  const placed = candidates.flatMap((candidate) => place(candidate, lineage));
  const term = Math.max(...placed.map((one) => one.term));
  const newest = placed.filter((one) => one.term === term);
  const offset = Math.max(...newest.map((one) => one.offset));
  const near = newest.filter((one) => one.offset >= offset - lagBytes);
  return near.toSorted(compare)[0]?.candidate ?? null;
}

function place(candidate: Candidate, lineage: readonly Ancestor[]): readonly Placed[] {
  if (candidate.priority === 0) return [];
  const found = standing(candidate.position, lineage);
  if (found.kind !== 'on-line') return [];
  return [{ candidate, term: found.term, offset: found.offset }];
}

function compare(a: Placed, b: Placed): number {
  return (
    a.candidate.priority - b.candidate.priority ||
    b.offset - a.offset ||
    b.candidate.position.offset - a.candidate.position.offset ||
    a.candidate.ordinal - b.candidate.ordinal
  );
}

/**
 * The candidate to begin a set with, when no lineage was ever recorded: the one whose data were
 * noted in the latest term, then the one with most keys. A Lease can be lost while volumes live on
 * (uninstall and install again, or volumes from another chart), and the largest data set is then
 * the best guess that can be made without a record.
 */
export function richest(candidates: readonly Candidate[]): Candidate | null {
  const fit = candidates.filter((one) => one.priority > 0 && one.position.whole);
  return fit.toSorted(compareRiches)[0] ?? null;
}

function compareRiches(a: Candidate, b: Candidate): number {
  return (
    b.position.notedTerm - a.position.notedTerm ||
    b.position.keys - a.position.keys ||
    b.position.offset - a.position.offset ||
    a.priority - b.priority ||
    a.ordinal - b.ordinal
  );
}
