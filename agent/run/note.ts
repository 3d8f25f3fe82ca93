import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Note } from '../core/note.ts';
import { isCount } from '../count.ts';

const fileName = 'regent.json';

/** Reads the note, `null` when there is none or it cannot be read. */
export async function readNote(folder: string): Promise<Note | null> {
  try {
    return noteOf(JSON.parse(await readFile(join(folder, fileName), 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Replaces the note in one step, so that a crash leaves the old one or the new one. A power cut too: the
 * bytes are on the disk before the name is, or some file systems would leave an empty file.
 */
export async function writeNote(folder: string, note: Note): Promise<void> {
  const file = join(folder, fileName);
  await writeFile(`${file}.new`, `${JSON.stringify(note)}\n`, { flush: true });
  await rename(`${file}.new`, file);
}

function noteOf(value: unknown): Note | null {
  if (typeof value !== 'object' || value === null) return null;
  const { term, replid, offset }: Record<string, unknown> = { ...value };
  const valid = isCount(term) && isCount(offset) && typeof replid === 'string';
  return valid ? { term, replid, offset } : null;
}
