import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A program that ended with another exit code than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly stderr: string;

  constructor(words: readonly string[], code: number | null, stderr: string) {
    super(`${words.join(' ')}: exit code ${String(code)}: ${stderr.trim()}`);
    this.stderr = stderr;
  }
}

/** How to run a program, where it matters. */
export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads from standard input; nothing by default. */
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs a program to its end and returns what it printed. */
export async function run(words: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = start(words, options);
  child.stdin?.end(options.input ?? '');
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the child has no pipes');
  const [out, complaints] = await Promise.all([text(stdout), text(stderr), ended(child)]);
  if (child.exitCode !== 0) throw new CommandError(words, child.exitCode, complaints);
  return out;
}

/** Starts a program with pipes to it. */
export function start(words: readonly string[], options: CommandOptions = {}): ChildProcess {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { stdio: 'pipe', env: options.env, cwd: options.cwd });
  // One that ends early leaves nobody to write to.
  child.stdin.on('error', () => undefined);
  return child;
}

/** Resolves when a program has ended. Rejects when it could not be started. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}
