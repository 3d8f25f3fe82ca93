import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { basename } from 'node:path';
import { root, toolEnvironment } from '../environment.ts';
import { Cluster, type ClusterChoice } from '../experiment/cluster.ts';
import { run } from '../experiment/command.ts';
import type { Circumstances } from './results.ts';

/** Where and with what something is about to be measured. */
export async function circumstances(
  argv: readonly string[],
  choice: ClusterChoice,
): Promise<Circumstances> {
  return {
    startedAt: new Date().toISOString(),
    command: commandOf(argv),
    commit: await commit(),
    machine: {
      cores: cpus().length,
      memoryBytes: totalmem(),
      kernel: `${type()} ${release()}`,
      loadBefore: loadavg().map((load) => Math.round(load * 100) / 100),
    },
    versions: { Kubernetes: await kubernetesVersion(choice), Node: process.version },
  };
}

/** The command as others can type it: where a file is on this machine is nobody's business. */
export function commandOf(argv: readonly string[]): string {
  const words = argv.map((word, index) => {
    if (argv[index - 1] === '--json') return basename(word);
    return word.startsWith('--json=') ? `--json=${basename(word)}` : word;
  });
  return ['scripts/bench', ...words.map(quoted)].join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The commit of the checkout, with `+` at its end when files have been changed since. */
async function commit(): Promise<string> {
  const git = (...words: string[]): Promise<string> => run(['git', '-C', root, ...words]);
  try {
    const hash = (await git('rev-parse', '--short=12', 'HEAD')).trim();
    const changed = await git('status', '--porcelain', '--untracked-files=no');
    return changed === '' ? hash : `${hash}+`;
  } catch {
    return 'none: this is no clone';
  }
}

async function kubernetesVersion(choice: ClusterChoice): Promise<string> {
  const text = await new Cluster(choice, 'default').kubectl(['version', '--output=json']);
  const { serverVersion } = JSON.parse(text) as { serverVersion?: { gitVersion?: string } };
  return serverVersion?.gitVersion ?? 'unknown';
}

/** The environment and folder of programs that work on the checkout. */
export const inCheckout = { env: toolEnvironment(), cwd: root };
