import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

/** A Secret in a volume changes at most once a minute; so often it is worth a look. */
const maxAgeMs = 5000;

/** Makes a function that gives the contents of a file, read again when they may have changed. */
export function secretReader(file: string | null): () => Promise<string | null> {
  if (file === null) return () => Promise.resolve(null);
  let known: { readonly text: string; readonly readAtMs: number } | null = null;
  return async () => {
    if (known !== null && performance.now() - known.readAtMs < maxAgeMs) return known.text;
    known = { text: (await readFile(file, 'utf8')).trim(), readAtMs: performance.now() };
    return known.text;
  };
}
