import { changed, type ChangeResult } from './commands.ts';
import type { Command, CommandRunner } from './connection.ts';
import { passwordHash, type Password } from './password.ts';

/** The passwords that a running Redis knows. */
export interface KnownPasswords {
  /** `passwordHash` of each that the default user may show. */
  readonly accepted: readonly string[];
  /** `masterauth`, as text: bytes that are no text are lost in it. */
  readonly upstream: string;
}

/** Reads them; `null` when Redis does not answer as it should. */
export async function knownPasswords(runner: CommandRunner): Promise<KnownPasswords | null> {
  const asked: readonly Command[] = [
    ['ACL', 'GETUSER', 'default'],
    ['CONFIG', 'GET', 'masterauth'],
  ];
  const result = await runner.run(asked);
  if (result.kind !== 'answered') return null;
  const [user, config] = result.replies.map((reply) =>
    reply.kind === 'value' ? reply.value : null,
  );
  const accepted = valueIn(user, 'passwords');
  const upstream = valueIn(config, 'masterauth');
  if (!Array.isArray(accepted) || typeof upstream !== 'string') return null;
  return { accepted: accepted.map(String), upstream };
}

/** Lets clients show this password as well as those before. Takes its `passwordHash`. */
export function acceptPassword(runner: CommandRunner, hash: string): Promise<ChangeResult> {
  return changed(runner.run([['ACL', 'SETUSER', 'default', `#${hash}`]]));
}

/** Shows this password to the primary at the next connection; the one that stands goes on. */
export function usePassword(runner: CommandRunner, password: Password): Promise<ChangeResult> {
  return changed(runner.run([['CONFIG', 'SET', 'masterauth', password]]));
}

/**
 * Lets clients show this password alone, and those of which the hashes are given. Who is connected
 * stays so.
 */
export function requirePassword(
  runner: CommandRunner,
  password: Password,
  others: readonly string[],
): Promise<ChangeResult> {
  const hashes = [passwordHash(password), ...others].map((hash) => `#${hash}`);
  return changed(
    runner.runAtomic([
      // For whoever asks for it. Alone it would do nothing where it has this value already.
      ['CONFIG', 'SET', 'requirepass', password],
      ['ACL', 'SETUSER', 'default', 'resetpass', ...hashes],
    ]),
  );
}

/** The value after a name in a flat list of both. */
function valueIn(reply: unknown, name: string): unknown {
  return Array.isArray(reply) ? reply[reply.indexOf(name) + 1] : undefined;
}
