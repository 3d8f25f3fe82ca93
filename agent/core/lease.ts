/**
 * The record of the set in the Lease: who may lead, in which term, and what is known of the data.
 *
 * Every change is one compare-and-swap on `revision`. The functions here make the next record from
 * the last one; none of them is valid once the record has changed, and the API server sees to that.
 * Times written by others are never used: clocks differ. A record is old when *this* process has
 * seen no change for a whole lease duration.
 */
import { assert } from './assert.ts';
import { ended, extended, type Ancestor } from './lineage.ts';
import { isSame, type Contender, type Member } from './units.ts';

/** Why a holder named another pod as the next one. */
export const handoverCauses = [
  'switchover',
  'redis-down',
  'redis-hung',
  'better-data',
  /** A person named it, whatever its data. */
  'override',
] as const;
/** One of `handoverCauses`. */
export type HandoverCause = (typeof handoverCauses)[number];

/** What the former holder says to the one it named. `null` in the record when nobody was named. */
export interface Handover {
  readonly from: string;
  readonly cause: HandoverCause;
  /** The history and the offset that the named one must have before it promotes. */
  readonly replid: string;
  readonly offset: number;
}

/** The contents of the Lease, as one agent read it. */
export interface LeaseRecord {
  /** The API server's version of the object, compared for equality only; `null` before creation. */
  readonly revision: string | null;
  /** Who may lead; `null` when it was released. */
  readonly holder: Member | null;
  /** IP address of the holder's pod, `null` with the holder. */
  readonly address: string | null;
  /** The fencing token: grows with every change of leader, never falls. */
  readonly term: number;
  /** How often the holder changed. */
  readonly transitions: number;
  /** Somebody has led: from now on an empty data set may not. Set once. */
  readonly initialized: boolean;
  /** Oldest first. */
  readonly lineage: readonly Ancestor[];
  readonly handover: Handover | null;
  /**
   * Bytes of the set's history that a replica had acknowledged, or that a leader without one had by
   * itself, at its last renewal. Whoever has less lacks writes that are somewhere.
   */
  readonly lastOffset: number;
  /** W as it is published: no leader of this record takes a write with fewer replicas in step. */
  readonly requiredReplicas: number;
  /**
   * Pods that count, those with the lowest ordinals: whoever leads next asks all of them. 0 in a record
   * of an agent that did not write it.
   */
  readonly members: number;
  /** A person has stopped failovers. */
  readonly paused: boolean;
}

/** The record of a set that never was: what a first claim starts from. */
export const unwritten: LeaseRecord = {
  revision: null,
  holder: null,
  address: null,
  term: 0,
  transitions: 0,
  initialized: false,
  lineage: [],
  handover: null,
  lastOffset: 0,
  requiredReplicas: 0,
  members: 0,
  paused: false,
};

/** Whether `member` is the holder. */
export function isHeldBy(record: LeaseRecord, member: Member): boolean {
  return record.holder !== null && isSame(record.holder, member);
}

/** The beginning of the present term's history, `null` while its leader has not promoted. */
export function recordedHead(record: LeaseRecord): Ancestor | null {
  const head = record.lineage.at(-1);
  return head !== undefined && head.term === record.term ? head : null;
}

/** Who claims, in a set of so many pods. */
export interface Claimant extends Contender {
  readonly members: number;
}

/**
 * `self` takes a free, released or expired Lease, or begins a new term of its own after its Redis
 * restarted. `termHeard` is the highest term that any peer spoke of: a Lease that was deleted by
 * hand must not start again below it, or the fences of the older terms would win.
 */
export function claimed(record: LeaseRecord, self: Claimant, termHeard: number): LeaseRecord {
  return {
    ...record,
    members: self.members,
    holder: { pod: self.pod, uid: self.uid },
    address: self.address,
    term: Math.max(record.term, termHeard) + 1,
    transitions: record.transitions + 1,
    handover: null,
  };
}

/** The holder names its successor. */
export function transferred(record: LeaseRecord, to: Contender, handover: Handover): LeaseRecord {
  return {
    ...record,
    holder: { pod: to.pod, uid: to.uid },
    address: to.address,
    term: record.term + 1,
    transitions: record.transitions + 1,
    handover,
    lineage: handover.cause === 'switchover' ? ended(record.lineage, handover) : record.lineage,
    lastOffset: Math.max(record.lastOffset, handover.offset),
  };
}

/** How a term begins. */
export interface Beginning extends Omit<Ancestor, 'term'> {
  /** Where Redis itself counts: it may begin anew after a restart from an append-only file. */
  readonly ownOffset: number;
  /** W from its first write on. */
  readonly requiredReplicas: number;
}

/**
 * The holder has promoted: its history `replid` begins at `offset` of the one before. Its Redis still
 * refuses writes.
 */
export function recorded(record: LeaseRecord, begun: Beginning): LeaseRecord {
  assert(recordedHead(record) === null, `term ${record.term} was recorded before`);
  const { replid, offset, ownOffset, requiredReplicas } = begun;
  const lineage = extended(record.lineage, { term: record.term, replid, offset });
  // What goes beyond the beginning of a term is given up. Counted as the copies of this history count.
  const counts = { lastOffset: Math.min(offset, ownOffset), requiredReplicas };
  return { ...record, lineage, initialized: true, handover: null, ...counts };
}

/** The holder goes on. Its address is written again: a pod may get another after a restart. */
export function renewed(record: LeaseRecord, self: Contender): LeaseRecord {
  return { ...record, address: self.address };
}

/** The leader goes on, and so much is secured by now. */
export function secured(record: LeaseRecord, self: Contender, offset: number): LeaseRecord {
  return { ...renewed(record, self), lastOffset: Math.max(record.lastOffset, offset) };
}

/** The holder goes on with another W. */
export function guarded(
  record: LeaseRecord,
  self: Contender,
  requiredReplicas: number,
): LeaseRecord {
  return { ...renewed(record, self), requiredReplicas };
}

/** The holder goes on in a set of another size. */
export function resized(record: LeaseRecord, self: Contender, members: number): LeaseRecord {
  return { ...renewed(record, self), members };
}

/** A person stops failovers, or allows them again. Anybody may write this: the holder stays. */
export function pausedAs(record: LeaseRecord, paused: boolean): LeaseRecord {
  return { ...record, paused };
}

/** The holder leaves without a successor; whoever is fit may claim at once. */
export function released(record: LeaseRecord): LeaseRecord {
  return { ...record, holder: null, address: null, handover: null };
}
