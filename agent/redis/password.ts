import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AgentError, messageOf } from '../errors.ts';

/** Redis' password: bytes, as in the Secret, since nothing says that it is text. */
export type Password = Buffer;

/** Redis cuts an argument of AUTH that is longer only at half a gigabyte; a Secret ends at 1 MiB. */
const passwordMaxBytes = 4096;

/**
 * Reads Redis' password. Line ends at the end of the file are not part of it, as in a shell: many
 * make their Secret from a file that an editor has ended with one.
 *
 * @throws AgentError `usage` when there is no password in it.
 */
export async function readPassword(file: string): Promise<Password> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new AgentError('usage', `the password file cannot be read: ${messageOf(error)}`, error);
  });
  let length = bytes.length;
  while (length > 0 && (bytes[length - 1] === 0x0a || bytes[length - 1] === 0x0d)) length -= 1;
  if (length === 0 || length > passwordMaxBytes) {
    throw new AgentError(
      'usage',
      `the password file '${file}' holds ${length} bytes; a password of 1 to ${passwordMaxBytes} bytes is needed`,
    );
  }
  return bytes.subarray(0, length);
}

/** How Redis stores and names a password: SHA-256 in hex. */
export function passwordHash(password: Password): string {
  return createHash('sha256').update(password).digest('hex');
}
