/**
 * Why a pod leads, or why it does not or may not: sentences for people, by the rules that the core
 * decides by.
 */
import { candidatesOf } from '../core/choice.ts';
import { isHeldBy } from '../core/lease.ts';
import { standing, type Ancestor, type Position } from '../core/lineage.ts';
import { isQuorum, lagBytesOf } from '../core/quorum.ts';
import { best, type Candidate } from '../core/ranking.ts';
import type { PeerState } from '../http/peer-state.ts';
import type { SetSight } from './set-view.ts';

/** The sentence about one pod. */
export function explanation(pod: string, sight: SetSight): string {
  const { record, states } = sight;
  const state = states.find((one) => one.pod === pod);
  const holds = record.holder?.pod === pod;
  if (state === undefined) {
    return holds
      ? 'holds the lease, and its agent does not answer'
      : 'may not lead: its agent does not answer';
  }
  if (isHeldBy(record, state)) return whyHolder(state, sight);
  const obstacle = obstacleOf(state, sight);
  if (obstacle !== null) return `may not lead: ${obstacle}`;
  return `does not lead: ${whyNotIt(state, sight)}`;
}

function whyHolder(state: PeerState, sight: SetSight): string {
  const { term } = sight.record;
  if (state.leading) {
    return `leads: it holds the lease of term ${term}, its data are the recorded history, and it accepts writes`;
  }
  const obstacle = obstacleOf(state, sight);
  const because = obstacle === null ? '' : `: ${obstacle}`;
  return `holds the lease of term ${term} and accepts no writes (${state.reason})${because}`;
}

/** What keeps a pod from leading whoever else there is; `null` when nothing does. */
function obstacleOf({ ordinal, priority, position }: PeerState, sight: SetSight): string | null {
  if (ordinal >= sight.self.members) return 'the Lease does not count it (yet)';
  if (priority === 0) return 'its priority is 0';
  if (position === null) return 'its Redis is down, hangs or loads';
  return obstacleIn(position, sight);
}

function obstacleIn(position: Position, { record }: SetSight): string | null {
  const found = standing(position, record.lineage);
  if (found.kind === 'on-line') return null;
  if (found.kind === 'off-line' && found.why === 'incomplete') {
    return 'its data are not whole: a full resync has not ended';
  }
  // Whoever has most begins a set.
  if (!record.initialized) return null;
  if (found.kind === 'empty') return 'it is empty, and the set has had data';
  return found.why === 'branch'
    ? 'its data have a branch that was given up: writes that the leaders since have not'
    : 'its data belong to no recorded history';
}

function whyNotIt(state: PeerState, sight: SetSight): string {
  const { self, record, states } = sight;
  const { holder } = record;
  const lead = holder === null ? 'nobody holds the lease' : `${holder.pod} holds the lease`;
  if (state.stopping) return `${lead}, and it is going away`;
  const waiting = candidatesOf(states.filter((one) => !isHeldBy(record, one) && !one.stopping));
  const lagBytes = lagBytesOf(self);
  const next = best(waiting, record.lineage, lagBytes);
  const own = waiting.find((one) => one.pod === state.pod);
  if (next === null || own === undefined) return lead;
  if (next.pod === state.pod) return `${lead}; it is the next in line`;
  const why = whyBefore([next, own], record.lineage, lagBytes);
  return `${lead}, and ${next.pod} comes before it: ${why}`;
}

/** The rule of core/ranking.ts that decides between two candidates. */
function whyBefore(
  [first, second]: readonly [Candidate, Candidate],
  lineage: readonly Ancestor[],
  lagBytes: number,
): string {
  const [newest, own] = [termOf(first, lineage), termOf(second, lineage)];
  if (newest !== own) return `its data reach term ${newest}, not only ${own}`;
  const aheadBytes = first.position.offset - second.position.offset;
  if (aheadBytes > lagBytes) return `it has ${aheadBytes} bytes more`;
  if (first.priority !== second.priority) {
    return `priority ${first.priority} against ${second.priority}`;
  }
  return aheadBytes > 0 ? `it has ${aheadBytes} bytes more` : 'the lower ordinal decides';
}

function termOf({ position }: Candidate, lineage: readonly Ancestor[]): number {
  const found = standing(position, lineage);
  return found.kind === 'on-line' ? found.term : 0;
}

/** What keeps a set without a leader. */
export function notes(sight: SetSight): readonly string[] {
  const { self, record, states } = sight;
  if (states.some(({ leading, term }) => leading && term === record.term)) return [];
  const said: string[] = [];
  const candidates = candidatesOf(states);
  const winner = record.initialized ? best(candidates, record.lineage, lagBytesOf(self)) : null;
  if (record.initialized && winner === null) {
    said.push(
      'Nobody has data that may lead: bring a pod with the data back, or give a pod the lead by hand with regent failover --to POD --accept-data-loss.',
    );
  }
  if (winner !== null && !isQuorum(self, record, states, winner)) {
    said.push(
      'Too few members answer: a write that was acknowledged could be with those that do not (durability strict).',
    );
  }
  return said;
}
