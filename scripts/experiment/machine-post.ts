import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Secret } from '@kubernetes/client-node';
import { cache, root } from '../environment.ts';
import type { Cluster } from './cluster.ts';
import { run, start } from './command.ts';
import { bundledPrograms, type PasswordSource } from './workload-objects.ts';

/** The program that makes the cluster of this machine, and the faults in it. */
const testbed = join(root, 'scripts/cluster');

/** Faults that are not undone yet, as the words that undo them. */
const faults = new Set<readonly string[]>();

/**
 * Does something to the cluster of scripts/cluster, such as `cut`, `n1`.
 *
 * @param undo the words that undo it, such as `heal`, `n1`
 * @returns what undoes it
 */
export async function fault(
  words: readonly string[],
  undo: readonly string[],
): Promise<() => Promise<void>> {
  faults.add(undo);
  await run([testbed, ...words]);
  return async () => {
    await run([testbed, ...undo]);
    faults.delete(undo);
  };
}

/** Runs a command inside a machine of scripts/cluster, as root. Resolves with what it printed. */
export function onMachine(machine: string, command: readonly string[]): Promise<string> {
  return run([testbed, 'exec', machine, ...command]);
}

/** Runs a command of this host on the network of a machine of scripts/cluster. */
export function onNetwork(machine: string, command: readonly string[]): Promise<string> {
  return run([testbed, 'net', machine, ...command]);
}

/** Undoes all faults, when whoever made them cannot. */
export async function undoFaults(): Promise<void> {
  for (const undo of faults) await run([testbed, ...undo]);
  faults.clear();
}

/**
 * A place on the network of a machine of scripts/cluster, where programs of a workload run as
 * processes of this host: neither a machine that is cut off nor an API server that is away gets
 * between them and whoever reads what they say. Names of the cluster are not known there.
 */
export class MachinePost {
  readonly #machine: string;
  readonly #program: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(machine: string, program: string, password: string) {
    this.#machine = machine;
    this.#program = program;
    this.#environment = { ...process.env, REDIS_PASSWORD: password };
  }

  static async open(
    cluster: Cluster,
    machine: string,
    { name, key }: PasswordSource,
  ): Promise<MachinePost> {
    const folder = join(cache, 'workload');
    await mkdir(folder, { recursive: true });
    const program = join(folder, 'main.cjs');
    // Whole at once: another post may be starting a program from it.
    const part = `${program}.${randomUUID()}.part`;
    await writeFile(part, await bundledPrograms());
    await rename(part, program);
    const secret = await cluster.read<V1Secret>('secret', name);
    const password = Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
    return new MachinePost(machine, program, password);
  }

  /** Starts a program of the workload. */
  start(words: readonly string[]): ChildProcess {
    return start(this.#command(words), { env: this.#environment });
  }

  /** Runs a program of the workload to its end, and returns what it printed. */
  run(words: readonly string[], input: string): Promise<string> {
    return run(this.#command(words), { env: this.#environment, input });
  }

  #command(words: readonly string[]): string[] {
    return [testbed, 'net', this.#machine, process.execPath, this.#program, ...words];
  }
}
