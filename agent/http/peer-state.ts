import type { Position } from '../core/lineage.ts';
import { isCount } from '../count.ts';
import { AgentError } from '../errors.ts';
import type { PasswordGeneration } from '../redis/password-step.ts';

/** What an agent says of itself at `GET /v1/state`: to its peers, and to `regent status`. */
export interface PeerState {
  readonly pod: string;
  readonly uid: string;
  readonly address: string;
  readonly ordinal: number;
  readonly priority: number;
  /** The highest term that it knows. */
  readonly term: number;
  /** It accepts writes in that term. */
  readonly leading: boolean;
  /** `null` while its Redis is down, hung or loading. */
  readonly position: Position | null;
  /** Its Redis receives from nobody, so that an old leader gets no acknowledgement from it. */
  readonly withdrawn: boolean;
  /** Some leader may count on it to keep still: by a promise, or by one that it may have forgotten. */
  readonly bound: boolean;
  /** Its pod or its agent is going away. */
  readonly stopping: boolean;
  /** The holder of the Lease as it knows it, `null` when nobody holds it. */
  readonly holder: string | null;
  /** Why it does what it does: the reason of its last decision. An agent of another version may have others. */
  readonly reason: string;
  /**
   * How far it is with a changed password; `null` without a password, while it knows nothing of it,
   * and from an older agent, which says nothing.
   */
  readonly passwordGeneration: PasswordGeneration | null;
}

/**
 * Reads what a peer said.
 *
 * @throws AgentError `peer-answer` that names the field which no agent of this kind says so.
 */
export function parsePeerState(value: unknown): PeerState {
  const said = fieldsOf(value, 'answer');
  return {
    pod: text(said, 'pod'),
    uid: text(said, 'uid'),
    address: text(said, 'address'),
    ordinal: count(said, 'ordinal'),
    priority: count(said, 'priority'),
    term: count(said, 'term'),
    leading: truth(said, 'leading'),
    position: said['position'] === null ? null : positionOf(fieldsOf(said['position'], 'position')),
    withdrawn: truth(said, 'withdrawn'),
    // An older agent does not say so.
    bound: said['bound'] === true,
    stopping: truth(said, 'stopping'),
    holder: said['holder'] === null ? null : text(said, 'holder'),
    reason: text(said, 'reason'),
    passwordGeneration: generationIn(said['passwordGeneration'] ?? null),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function positionOf(said: Fields): Position {
  return {
    role: text(said, 'role') === 'primary' ? 'primary' : 'replica',
    replid: text(said, 'replid'),
    replid2: said['replid2'] === null ? null : text(said, 'replid2'),
    forkOffset: count(said, 'forkOffset'),
    offset: count(said, 'offset'),
    exact: truth(said, 'exact'),
    keys: count(said, 'keys'),
    whole: truth(said, 'whole'),
    streamed: truth(said, 'streamed'),
    notedTerm: count(said, 'notedTerm'),
  };
}

function generationIn(value: unknown): PasswordGeneration | null {
  if (value === null) return null;
  const said = fieldsOf(value, 'passwordGeneration');
  return { accepts: text(said, 'accepts'), uses: text(said, 'uses') };
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null) throw unexpected(name, value, 'an object');
  return { ...value };
}

function text(said: Fields, key: string): string {
  const value = said[key];
  if (typeof value !== 'string' || value === '') throw unexpected(key, value, 'a text');
  return value;
}

function count(said: Fields, key: string): number {
  const value = said[key];
  if (isCount(value)) return value;
  throw unexpected(key, value, 'a count');
}

function truth(said: Fields, key: string): boolean {
  const value = said[key];
  if (typeof value !== 'boolean') throw unexpected(key, value, 'true or false');
  return value;
}

function unexpected(key: string, value: unknown, wanted: string): AgentError {
  return new AgentError('peer-answer', `${key}: found ${JSON.stringify(value)}, not ${wanted}`);
}
