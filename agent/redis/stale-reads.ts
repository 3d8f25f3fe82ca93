import { changed, type ChangeResult } from './commands.ts';
import { splitArguments } from './config-line.ts';
import type { CommandRunner } from './connection.ts';

/**
 * With this line Redis boots, after the user's own: without a link to its primary it refuses reads.
 * A Redis that has just started has what was on its disk, perhaps nothing, and clients may still be led
 * to it: each machine's kube-proxy hears in its own time that the pod is not ready.
 */
export const refuseStaleReads = 'replica-serve-stale-data no';

/** Redis' older name for it is valid too. */
const directives: ReadonlySet<string> = new Set([
  'replica-serve-stale-data',
  'slave-serve-stale-data',
]);

/**
 * Whether the user wants reads answered by a replica that has lost its primary, as Redis does unless
 * it is told otherwise.
 *
 * @param config a redis.conf that ends with the agent's own lines
 */
export function wantsStaleReads(config: string): boolean {
  const values = config.split('\n').flatMap((line) => {
    const [directive = '', value = ''] = splitArguments(line.trim()) ?? [];
    return directives.has(directive.toLowerCase()) ? [value.toLowerCase()] : [];
  });
  // The last one is the agent's.
  return values.at(-2) !== 'no';
}

/** Whether Redis, as a replica, answers reads from now on also while it has no link to its primary. */
export function serveStaleReads(runner: CommandRunner, serves: boolean): Promise<ChangeResult> {
  const word = serves ? 'yes' : 'no';
  return changed(runner.run([['CONFIG', 'SET', 'replica-serve-stale-data', word]]));
}
