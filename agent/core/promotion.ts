/**
 * The promotion of a takeover, and the record of where its history begins.
 *
 * Both are steps of takeover.ts, which has decided by then that the data of this pod are to lead.
 */
import { act, remember, wait, type Decision, type Promotion, type Turn } from './decision.ts';
import { withdrawPrimary } from './demotion.ts';
import { beginningReplicas } from './guard.ts';
import { recorded, released, type LeaseRecord } from './lease.ts';
import { standing, type Position } from './lineage.ts';
import { boundUntil } from './promise.ts';
import { isRouted } from './route.ts';
import type { RedisUp } from './tenure.ts';
import type { MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** Makes the Redis of this pod a primary, once what a dead one has sent may have come until `drainedAtMs`. */
export function promote(
  turn: Turn,
  record: LeaseRecord,
  { position, source }: RedisUp,
  drainedAtMs: MonotonicMs,
): Decision {
  const { nowMs } = turn.seen;
  // A history may have one author only: a primary of old begins a new one, by way of a replica.
  if (position.role === 'primary') {
    return withdrawPrimary(turn, 'takeover-start-over');
  }
  // I14: a claim of ours that nobody answered was carried out after we had promised. It has to wait.
  const boundMs = boundUntil(turn, record);
  if (boundMs !== null) return wait(turn, 'promise-kept', boundMs);
  const draining = source?.linkUp === true && nowMs < drainedAtMs;
  if (draining) return wait(turn, 'takeover-drain', drainedAtMs);
  const { takeover } = turn.memory;
  const isForeign = standing(position, record.lineage).kind !== 'on-line';
  const promoted = { from: position.replid, shared: sharedOf(position, record), isForeign };
  return remember(act(turn, 'promote', { kind: 'promote' }), {
    takeover: takeover === null ? null : { ...takeover, promoted },
  });
}

function sharedOf(position: Position, { lineage }: LeaseRecord): number | null {
  const isRecorded = lineage.some((ancestor) => ancestor.replid === position.replid);
  const found = standing(position, lineage);
  return !isRecorded && found.kind === 'on-line' ? found.offset : null;
}

/**
 * The promotion of this takeover. A primary that was promoted by anybody else, or before this agent
 * began, starts over: who knows what was written to it. The offset may have moved since: pings and
 * expiring keys pass the fence, and no write of a client does.
 */
export function isPromoted({ memory }: Turn, { position, fenced }: RedisUp): boolean {
  const promoted = memory.takeover?.promoted ?? null;
  if (promoted === null || position.role !== 'primary' || !fenced) return false;
  return position.replid2 === promoted.from;
}

/**
 * A Redis that was frozen finds in its sockets what a deposed leader sent, and applies that before it
 * carries the promotion out. The data are a branch by then, and lead nowhere (I3).
 */
function hasLeftLine(
  promoted: Promotion | null,
  { lineage }: LeaseRecord,
  position: Position,
): boolean {
  // Data from elsewhere begin a line of their own. And the way back to the line is one promotion too long
  // for data whose last one was not recorded: they were placed before, and no write has come since.
  if (promoted === null || promoted.isForeign || promoted.shared !== null) return false;
  return standing(position, lineage).kind !== 'on-line';
}

/** Says in the Lease where the history of a promoted Redis begins. */
export function recordLineage(turn: Turn, record: LeaseRecord, { position }: RedisUp): Decision {
  const promoted = turn.memory.takeover?.promoted ?? null;
  if (hasLeftLine(promoted, record, position)) {
    return writeLease(turn, 'takeover-not-fit', released(record));
  }
  // Beside the record, and not before it: kube-proxy needs longer than both, and whoever comes early
  // finds a primary that refuses writes, as before. Nobody else follows until the record is written.
  if (turn.seen.busy.lease && !isRouted(turn, record)) {
    return act(turn, 'route-clients', { kind: 'route', term: record.term });
  }
  // What counts is how much of the recorded history is shared: a replica with more of it has a
  // branch that was given up.
  const former = record.lineage.find((ancestor) => ancestor.replid === promoted?.from);
  const offset = promoted?.shared ?? Math.min(position.forkOffset, former?.end ?? Infinity);
  const requiredReplicas = beginningReplicas(turn, record);
  // Offsets of two histories that share nothing must not meet in one lineage.
  const lineage = promoted?.isForeign === true ? [] : record.lineage;
  const { replid, offset: ownOffset } = position;
  const begun = { replid, offset, ownOffset, requiredReplicas };
  const next = recorded({ ...record, lineage }, begun);
  return writeLease(turn, 'record-lineage', next);
}
