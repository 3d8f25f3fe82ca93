import { quotedArgument, splitArguments } from './config-line.ts';
import { passwordHash, type Password } from './password.ts';

/** The passwords with which a redis.conf of ours has Redis start. */
export interface ConfigPasswords {
  /** `requirepass`: one that clients may show, and with which the agent gets in. */
  readonly login: Password;
  /** `masterauth`: what Redis shows to its primary. */
  readonly upstream: Password;
  /** `passwordHash` of all that clients may show; more than one while the password is being changed. */
  readonly accepted: readonly string[];
}

/** Those of a Redis that knows one password only. */
export function onePassword(password: Password): ConfigPasswords {
  return { login: password, upstream: password, accepted: [passwordHash(password)] };
}

/** The lines that say so. */
export function passwordLines({ login, upstream, accepted }: ConfigPasswords): readonly string[] {
  const hashes = accepted.map((hash) => `#${hash}`).join(' ');
  return [
    `requirepass ${quotedArgument(login)}`,
    `masterauth ${quotedArgument(upstream)}`,
    // `requirepass` takes one password alone. This line replaces what it says of the default user.
    ...(accepted.length === 1 ? [] : [`${defaultUser} ${hashes}`]),
  ];
}

/**
 * Reads them from a redis.conf that the agent has written.
 *
 * @returns `null` when it has none, or when an ACL file decides who may log in.
 */
export function readPasswords(text: string): ConfigPasswords | null {
  const lines = text.split('\n');
  if (lines.some((line) => /^\s*aclfile\s/i.test(line))) return null;
  const login = wordAfter(lines, 'requirepass ');
  const upstream = wordAfter(lines, 'masterauth ');
  if (login === null || upstream === null) return null;
  const user = lines.findLast((line) => line.startsWith(defaultUser));
  const accepted = user?.match(/(?<=#)[0-9a-f]{64}/g) ?? [passwordHash(login)];
  return { login, upstream, accepted };
}

/** The same redis.conf with other passwords. */
export function withPasswords(text: string, passwords: ConfigPasswords): string {
  const others = text.split('\n').filter((line) => !ours.test(line));
  return [others.join('\n').trimEnd(), ...passwordLines(passwords), ''].join('\n');
}

const defaultUser = 'user default on sanitize-payload ~* &* +@all';
/** The user's own text holds none of them: `regent init` refuses it then. */
const ours = /^(requirepass|masterauth|user default) /;

function wordAfter(lines: readonly string[], start: string): Password | null {
  const line = lines.findLast((one) => one.startsWith(start));
  const word = line === undefined ? undefined : splitArguments(line)?.[1];
  return word === undefined ? null : Buffer.from(word, 'latin1');
}
