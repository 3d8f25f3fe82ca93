import { isCount } from '../count.ts';
import { AgentError } from '../errors.ts';
import { fieldsOf, type Fields } from '../fields.ts';

/** The whole set as one agent sees it: `GET /v1/set`. For people; no agent decides by it. */
export interface SetView {
  /** Who says so. */
  readonly pod: string;
  /** The holder of the Lease, `null` when nobody holds it. */
  readonly leader: string | null;
  readonly term: number;
  /** W as it is published: replicas that a write needs. */
  readonly requiredReplicas: number;
  /** W as it was asked for. */
  readonly wantedReplicas: number;
  readonly paused: boolean;
  /** What keeps the set without a leader, or nothing. */
  readonly notes: readonly string[];
  /** By ordinal. */
  readonly members: readonly MemberView[];
  /** Oldest first. */
  readonly history: readonly ChangeView[];
}

/** One pod of the set. */
export interface MemberView {
  readonly pod: string;
  /** `silent` when its agent does not answer. */
  readonly role: 'leader' | 'follower' | 'silent';
  /** The highest term that it knows, `null` while it is silent. */
  readonly term: number | null;
  /** Bytes of the history that it has; `null` while its Redis does not answer. */
  readonly offset: number | null;
  /** Bytes behind the leader, in the same history; `null` for the leader, and when nobody can tell. */
  readonly lagBytes: number | null;
  /** The reason of its last decision. */
  readonly state: string;
  /** Why it leads, or why it does not or may not: a sentence. */
  readonly why: string;
}

/** One change of leader. */
export interface ChangeView {
  readonly term: number;
  readonly pod: string;
  readonly cause: string;
  readonly at: string;
}

/**
 * Reads what an agent said.
 *
 * @throws AgentError `peer-answer` when it is not the view of a set.
 */
export function parseSetView(value: unknown): SetView {
  const said = fieldsOf(value);
  return {
    pod: text(said, 'pod'),
    leader: said['leader'] === null ? null : text(said, 'leader'),
    term: count(said, 'term'),
    requiredReplicas: count(said, 'requiredReplicas'),
    wantedReplicas: count(said, 'wantedReplicas'),
    paused: said['paused'] === true,
    notes: list(said, 'notes').map(String),
    members: list(said, 'members').map((member) => memberOf(fieldsOf(member))),
    history: list(said, 'history').map((change) => changeOf(fieldsOf(change))),
  };
}

function memberOf(said: Fields): MemberView {
  const { role } = said;
  const isKnown = role === 'leader' || role === 'follower' || role === 'silent';
  if (!isKnown) throw unexpected('role', role);
  return {
    role,
    pod: text(said, 'pod'),
    term: countOrNull(said, 'term'),
    offset: countOrNull(said, 'offset'),
    lagBytes: countOrNull(said, 'lagBytes'),
    state: text(said, 'state'),
    why: text(said, 'why'),
  };
}

function changeOf(said: Fields): ChangeView {
  const cause = text(said, 'cause');
  return { term: count(said, 'term'), pod: text(said, 'pod'), cause, at: text(said, 'at') };
}

function list(said: Fields, key: string): readonly unknown[] {
  const value = said[key];
  if (!Array.isArray(value)) throw unexpected(key, value);
  return value;
}

function text(said: Fields, key: string): string {
  const value = said[key];
  if (typeof value !== 'string') throw unexpected(key, value);
  return value;
}

function count(said: Fields, key: string): number {
  const value = said[key];
  if (!isCount(value)) throw unexpected(key, value);
  return value;
}

function countOrNull(said: Fields, key: string): number | null {
  return said[key] === null ? null : count(said, key);
}

function unexpected(key: string, found: unknown): AgentError {
  return new AgentError(
    'peer-answer',
    `${key}: found ${JSON.stringify(found)} in the view of a set`,
  );
}
