/**
 * The last changes of leader, kept in the Lease for people: no agent decides by them.
 */
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { recordedHead, type HandoverCause, type LeaseRecord } from '../core/lease.ts';
import { isCount } from '../count.ts';
import { fieldsOf } from '../fields.ts';

/** Why a term began: the former leader named this one, or nobody did. */
export type ChangeCause = HandoverCause | 'claimed';

/** One change of leader. */
export interface LeaderChange {
  readonly term: number;
  readonly pod: string;
  /** A `ChangeCause`; an agent of another version may know others. */
  readonly cause: string;
  /** When it was recorded, by the leader's clock: ISO 8601. */
  readonly at: string;
}

/** How many changes are kept. */
export const changesMax = 16;

const annotation = 'regent.dev/history';

/** The changes that a Lease tells of, oldest first. What cannot be read is left out. */
export function historyOf({ annotations }: V1ObjectMeta): readonly LeaderChange[] {
  const value = parsed(annotations?.[annotation] ?? '[]');
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.flatMap((item) => {
    const { term, pod, cause, at } = fieldsOf(item);
    const isChange = isCount(term) && typeof pod === 'string' && typeof cause === 'string';
    return isChange && typeof at === 'string' ? [{ term, pod, cause, at }] : [];
  });
}

/** What is about to be written. */
export interface Writing {
  readonly record: LeaseRecord;
  /** Why the term began, if it did. */
  readonly cause: ChangeCause;
  readonly at: Date;
}

/**
 * The annotation to write with `record`: as before, or with one change more when the term's history
 * is recorded for the first time.
 */
export function historyNotes(
  before: V1ObjectMeta,
  { record, cause, at }: Writing,
): Readonly<Record<string, string>> {
  const known = historyOf(before);
  const { term, holder } = record;
  const isNew = recordedHead(record) !== null && !known.some((change) => change.term === term);
  const changes =
    isNew && holder !== null
      ? [...known, { term, pod: holder.pod, cause, at: at.toISOString() }].slice(-changesMax)
      : known;
  return changes.length === 0 ? {} : { [annotation]: JSON.stringify(changes) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
