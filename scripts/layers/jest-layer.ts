import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, toolEnvironment } from '../environment.ts';
import type { Tally } from './layer.ts';

/** How long jest may take to end after its report, in milliseconds. */
const patienceMs = 10_000;
const tickMs = 1000;

/** What jest writes about a run, as far as it is counted. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Runs one project of jest.config.mjs and counts its tests. */
export async function runJest(project: string, environment: NodeJS.ProcessEnv): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'regent-jest-'));
  const file = join(folder, 'report.json');
  try {
    const flags = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const options = ['--selectProjects', project, '--ci', '--json', `--outputFile=${file}`];
    const child = spawn('node', [...flags, ...options], {
      cwd: root,
      env: { ...toolEnvironment(), ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const timer = endWhenDone(child, file);
    await once(child, 'close');
    clearInterval(timer);
    if (!existsSync(file)) throw new Error('jest has found no test, or could not start');
    return tallyOf(JSON.parse(readFileSync(file, 'utf8')) as JestReport, child.exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Ends a jest that has written its report and does not end by itself, because a test has left
 * something open. Its exit code then is none, which counts as a failure.
 */
function endWhenDone(child: ChildProcess, file: string): NodeJS.Timeout {
  let ticks = 0;
  return setInterval(() => {
    if (existsSync(file)) ticks += 1;
    if (ticks * tickMs < patienceMs) return;
    console.error('a test has left something open, which counts as a failure');
    child.kill('SIGKILL');
  }, tickMs);
}

/**
 * Counts. A test that was skipped has not passed, a file that could not be loaded holds at least one
 * test, a layer without any test has not been tested, and a jest that fails has a reason.
 *
 * @param exitCode `null` when jest was ended by a signal
 */
export function tallyOf(report: JestReport, exitCode: number | null): Tally {
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + skipped + report.numRuntimeErrorTestSuites;
  if (failed > 0) return { passed, failed };
  return { passed, failed: exitCode === 0 && passed > 0 ? 0 : 1 };
}
