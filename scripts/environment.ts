import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** The checkout. */
export const root = resolve(import.meta.dirname, '..');

/** Where everything is kept that is built or fetched. */
export const cache = resolve(process.env['REGENT_CACHE'] ?? join(homedir(), '.cache', 'regent'));

/** The environment of the programs that are called: the tools of the cache come first. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const folders = [join(root, 'node_modules/.bin'), join(cache, 'bin'), join(cache, 'python/bin')];
  return { ...process.env, PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) };
}
