import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cache, root, toolEnvironment } from '../environment.ts';
import { UsageError } from '../options.ts';
import type { ClusterChoice } from './cluster.ts';
import { run } from './command.ts';

const program = join(root, 'scripts/cluster');

/** Starts the cluster of this machine if it does not run, and builds what that takes. */
export async function embeddedCluster(): Promise<ClusterChoice> {
  // It tells its progress itself.
  const child = spawn(program, ['up'], { stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error('the cluster did not start');
  return { kubeconfig: (await run([program, 'kubeconfig'])).trim(), context: null };
}

/** Whether the cluster of this machine is up: its API server says that it is ready. */
export async function isEmbeddedClusterUp(): Promise<boolean> {
  try {
    const kubeconfig = (await run([program, 'kubeconfig'])).trim();
    const words = ['get', '--raw=/readyz', '--request-timeout=5s'];
    await run(['kubectl', `--kubeconfig=${kubeconfig}`, ...words], { env: toolEnvironment() });
    return true;
  } catch {
    return false;
  }
}

/** Removes the cluster of this machine. */
export async function removeEmbeddedCluster(): Promise<void> {
  await run([program, 'down']);
}

/** A context of the person's own kubeconfig. */
export async function clusterOfOnesOwn(context: string): Promise<ClusterChoice> {
  const env = toolEnvironment();
  for (const tool of [
    ['kubectl', 'version', '--client'],
    ['helm', 'version'],
  ]) {
    await run(tool, { env }).catch(() => {
      const [name = ''] = tool;
      throw new UsageError(
        `--context needs ${name}, which is neither in PATH nor in ${join(cache, 'bin')}`,
      );
    });
  }
  const known = await run(['kubectl', 'config', 'get-contexts', '--output=name'], { env });
  const names = known.split('\n').filter((name) => name !== '');
  if (!names.includes(context)) {
    const allowed = names.length === 0 ? 'no context' : names.join(', ');
    throw new UsageError(`--context is '${context}'; your kubeconfig has ${allowed}`);
  }
  return { kubeconfig: null, context };
}
