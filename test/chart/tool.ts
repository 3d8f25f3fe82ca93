import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { cache, root, toolEnvironment } from '../../scripts/environment.ts';

const run = promisify(execFile);

/** What a tool said, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly complaint: string;
}

/** The chart, from the root of the repository, where all tools of these tests run. */
export const chart = 'chart';

const timeoutDefaultMs = 240_000;
const outputMaxBytes = 64 * 1024 * 1024;

/** The cluster that is up, by its kubeconfig: the one of the environment, else the embedded one. */
export const kubeconfig: string | null =
  process.env['KUBECONFIG'] ??
  [join(cache, 'run', process.env['REGENT_CLUSTER'] ?? 'regent', 'kubeconfig')].find(existsSync) ??
  null;

/** Runs a tool of the cache to its end. Another exit code than 0 is an outcome, not an error. */
export async function outcomeOf(
  tool: string,
  args: readonly string[],
  timeoutMs = timeoutDefaultMs,
): Promise<Outcome> {
  const env = toolEnvironment();
  if (kubeconfig !== null) env['KUBECONFIG'] = kubeconfig;
  try {
    const limits = { cwd: root, env, timeout: timeoutMs, maxBuffer: outputMaxBytes };
    const { stdout, stderr } = await run(tool, args, limits);
    return { code: 0, output: stdout, complaint: stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: unknown; stdout: string; stderr: string };
    if (typeof code === 'number') return { code, output: stdout, complaint: stderr };
    throw thrown;
  }
}

/**
 * Lets the cluster take objects of the Prometheus operator, whether it has one or not. Kinds that
 * are there stay as they are.
 */
export async function teachMonitorKinds(): Promise<void> {
  const file = join(root, 'test/chart/monitor-kinds.yaml');
  const { code, complaint } = await outcomeOf('kubectl', ['create', '--filename', file]);
  if (code !== 0 && !complaint.includes('already exists')) throw new Error(complaint);
}

/** Runs a tool that has to succeed, and returns what it wrote. */
export async function outputOf(tool: string, args: readonly string[]): Promise<string> {
  const { code, output, complaint } = await outcomeOf(tool, args);
  if (code === 0) return output;
  throw new Error(`${tool} ${args.join(' ')} ended with ${code}:\n${output}\n${complaint}`);
}
