/**
 * The record of the set, to and from the Lease object.
 *
 * An object that somebody edited by hand is read as far as it makes sense; what cannot be read is
 * taken as absent. That is safe: without a lineage nobody is fit to lead by it, and a term that
 * fell is raised again by what the peers remember.
 */
import { V1MicroTime, type V1Lease, type V1ObjectMeta } from '@kubernetes/client-node';
import { handoverCauses, type Handover, type LeaseRecord } from '../core/lease.ts';
import { ancestorsMax, type Ancestor } from '../core/lineage.ts';
import { isCount } from '../count.ts';
import { fieldsOf } from '../fields.ts';
import { identityOf, memberOf } from '../identity.ts';
import { historyNotes } from './lease-history.ts';

/** The annotations of the Lease. */
export const leaseAnnotations = {
  term: 'regent.dev/term',
  initialized: 'regent.dev/initialized',
  lineage: 'regent.dev/lineage',
  address: 'regent.dev/leader-address',
  handover: 'regent.dev/handover',
  lastOffset: 'regent.dev/last-offset',
  requiredReplicas: 'regent.dev/required-replicas',
  members: 'regent.dev/members',
  paused: 'regent.dev/paused',
} as const;

/** Reads the record from a Lease. Never throws. */
export function recordOf(lease: V1Lease): LeaseRecord {
  const notes = lease.metadata?.annotations ?? {};
  const holder = memberOf(lease.spec?.holderIdentity ?? '');
  return {
    revision: lease.metadata?.resourceVersion ?? null,
    holder,
    address: holder === null ? null : (notes[leaseAnnotations.address] ?? null),
    term: wholeOf(notes[leaseAnnotations.term]),
    transitions: lease.spec?.leaseTransitions ?? 0,
    initialized: notes[leaseAnnotations.initialized] === 'true',
    lineage: lineageOf(parsed(notes[leaseAnnotations.lineage])),
    handover: handoverOf(parsed(notes[leaseAnnotations.handover])),
    lastOffset: wholeOf(notes[leaseAnnotations.lastOffset]),
    requiredReplicas: wholeOf(notes[leaseAnnotations.requiredReplicas]),
    members: wholeOf(notes[leaseAnnotations.members]),
    paused: notes[leaseAnnotations.paused] === 'true',
  };
}

/** What of a Lease is not the record. */
export interface LeaseFrame {
  /** `metadata` of the object as last read, or what a new object begins with. */
  readonly metadata: V1ObjectMeta;
  readonly leaseDurationSeconds: number;
  /** For people who look at the object; no agent reads it. */
  readonly renewTime: Date;
}

/** Writes the record into a Lease. */
export function leaseOf(record: LeaseRecord, frame: LeaseFrame): V1Lease {
  const { annotations, ...metadata } = frame.metadata;
  delete metadata.resourceVersion;
  // What was written before this: in the record itself the hand-over is over once it is recorded.
  const cause = handoverOf(parsed(annotations?.[leaseAnnotations.handover]))?.cause ?? 'claimed';
  const revision = record.revision === null ? {} : { resourceVersion: record.revision };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      ...metadata,
      ...revision,
      annotations: {
        ...foreign(annotations ?? {}),
        ...annotationsOf(record),
        ...historyNotes(frame.metadata, { record, cause, at: frame.renewTime }),
      },
    },
    spec: {
      holderIdentity: record.holder === null ? '' : identityOf(record.holder),
      leaseDurationSeconds: frame.leaseDurationSeconds,
      leaseTransitions: record.transitions,
      renewTime: new V1MicroTime(frame.renewTime),
    },
  };
}

type Notes = Readonly<Record<string, string>>;

function annotationsOf(record: LeaseRecord): Notes {
  const { address, handover } = record;
  return {
    [leaseAnnotations.term]: String(record.term),
    [leaseAnnotations.initialized]: String(record.initialized),
    [leaseAnnotations.lineage]: JSON.stringify(record.lineage),
    [leaseAnnotations.lastOffset]: String(record.lastOffset),
    [leaseAnnotations.requiredReplicas]: String(record.requiredReplicas),
    [leaseAnnotations.members]: String(record.members),
    ...(address === null ? {} : { [leaseAnnotations.address]: address }),
    ...(handover === null ? {} : { [leaseAnnotations.handover]: JSON.stringify(handover) }),
    ...(record.paused ? { [leaseAnnotations.paused]: 'true' } : {}),
  };
}

/** What others wrote beside ours stays. */
function foreign(annotations: Notes): Notes {
  const own: readonly string[] = Object.values(leaseAnnotations);
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !own.includes(key)));
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function wholeOf(text: string | undefined): number {
  const value = Number(text ?? '');
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function lineageOf(value: unknown): readonly Ancestor[] {
  if (!Array.isArray(value)) return [];
  const items: readonly unknown[] = value;
  return items
    .flatMap((item) => {
      const { term, replid, offset, end } = fieldsOf(item);
      const valid = isCount(term) && typeof replid === 'string' && isCount(offset);
      return valid ? [{ term, replid, offset, ...(isCount(end) ? { end } : {}) }] : [];
    })
    .slice(-ancestorsMax);
}

function handoverOf(value: unknown): Handover | null {
  const { from, cause, replid, offset } = fieldsOf(value);
  const known = handoverCauses.find((one) => one === cause);
  if (typeof from !== 'string' || typeof replid !== 'string' || !isCount(offset)) return null;
  return known === undefined ? null : { from, cause: known, replid, offset };
}
