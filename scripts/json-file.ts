import { readFile, rename, writeFile } from 'node:fs/promises';
import { messageOf } from '../agent/errors.ts';
import { UsageError } from './options.ts';

/** What a file has to hold, and how that is said to a person. */
export interface Expected<Content> {
  readonly isContent: (value: unknown) => value is Content;
  /** For instance `runs of scripts/acceptance`. */
  readonly name: string;
  /** The beginning of the sentence when the file cannot be read. */
  readonly unreadable: string;
}

/**
 * Reads a file that a person named.
 *
 * @returns `null` when there is no such file
 * @throws UsageError when it cannot be read, or holds something else
 */
export async function readJsonFile<Content>(
  file: string,
  { isContent, name, unreadable }: Expected<Content>,
): Promise<Content | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`${unreadable}: ${messageOf(error)}`);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (isContent(parsed)) return parsed;
  } catch {
    // Said below, as of anything else that is no such file.
  }
  throw new UsageError(`'${file}' does not hold ${name}`);
}

/**
 * Replaces a file in one step: whoever breaks it off in this moment still has the whole one of before.
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  await writeFile(part, text);
  await rename(part, file);
}
