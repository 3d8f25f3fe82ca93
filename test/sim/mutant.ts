import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { WorldOptions } from './swarm.ts';
import { real, type Variant } from './variant.ts';

/** One change to the text of a file of the core. */
export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly put: string;
}

/** A planted bug: the core without one of its rules. */
export interface Mutant {
  /** What the mutant does; a sentence without a subject. */
  readonly name: string;
  /** Rules of the checker, any of which may notice. */
  readonly caughtBy: readonly string[];
  readonly edits?: readonly Edit[];
  /** A mistake of the shell. */
  readonly shell?: Partial<Omit<Variant, 'decide'>>;
  /** Circumstances in which the rule matters. The real core is tried in them too. */
  readonly where?: Partial<WorldOptions>;
}

const core = fileURLToPath(new URL('../../agent/core', import.meta.url));

/**
 * The agent with the bug in it: the real core is copied, changed and loaded.
 *
 * @throws Error when a text to change is not there exactly once: the core was rewritten, and the
 * mutant has to follow.
 */
export async function variantOf({ name, edits = [], shell = {}, where }: Mutant): Promise<Variant> {
  const circumstances = where === undefined ? {} : { where };
  if (edits.length === 0) return { ...real, ...shell, ...circumstances };
  const folder = mkdtempSync(join(tmpdir(), 'regent-mutant-'));
  try {
    cpSync(core, folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const edit of edits) change(folder, edit, name);
    const url = pathToFileURL(join(folder, 'decide.ts')).href;
    const loaded = (await import(url)) as Pick<Variant, 'decide'>;
    const promiseUrl = pathToFileURL(join(folder, 'promise.ts')).href;
    const { promiseFor } = (await import(promiseUrl)) as Pick<Variant, 'promiseFor'>;
    return { ...real, promiseFor, ...shell, ...circumstances, decide: loaded.decide };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function change(folder: string, { file, find, put }: Edit, mutant: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `mutant '${mutant}': ${file} has ${parts.length - 1} times, not once:\n${find}`,
    );
  }
  writeFileSync(path, parts.join(put));
}
