import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../environment.ts';

/**
 * Installs packages of Debian for commands that are not there.
 *
 * @param needs each a command, or the path of a file, and the name of the package that holds it
 */
export async function installPackages(
  needs: readonly (readonly [string, string])[],
): Promise<void> {
  const lines = needs.map((need) => need.join(' ')).join('\n');
  const setup = join(root, 'scripts/setup.sh');
  const child = spawn('bash', [setup, lines], { stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'close');
  if (child.exitCode !== 0) {
    throw new Error(`packages are missing: ${needs.map(([, name]) => name).join(', ')}`);
  }
}
