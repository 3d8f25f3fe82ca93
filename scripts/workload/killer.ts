import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { controlGroup, processNumbers } from './processes.ts';
import type { Killed } from './record.ts';
import { wallClockMs } from './wall-clock.ts';

/** What may be sent: the end, a stop where it is, and going on after that. */
export const signalNames = ['SIGKILL', 'SIGSTOP', 'SIGCONT'] as const;
/** One of `signalNames`. */
export type SignalName = (typeof signalNames)[number];

/** Whom to signal. */
export interface KillerOptions {
  /** Ids of containers that run on this machine. */
  readonly containers: readonly string[];
  /** A folder of the first container that loses its content first, `null` for none. */
  readonly emptied: string | null;
}

/**
 * Gets ready to send signals to all processes of some containers of this machine at once. SIGKILL
 * ends them as the kernel would for want of memory: nobody gets to say goodbye. The function that is
 * returned does it.
 *
 * From inside a container its first process cannot be killed, so this runs in the machine's process
 * namespace, where a container is known by its control group.
 */
export function aim({ containers, emptied }: KillerOptions): (signal: SignalName) => Killed {
  const processes = containers.map((container) => processesOf(container));
  for (const [index, found] of processes.entries()) {
    if (found.length === 0) {
      throw new Error(`no process of container ${String(containers[index])} runs on this machine`);
    }
  }
  const all = processes.flat();
  return (signal) => {
    if (emptied !== null) empty(join(`/proc/${String(all[0])}/root`, emptied));
    const atMs = wallClockMs();
    const reached = signalAll(all, signal);
    return { kind: 'killed', processes: reached, atMs, doneMs: wallClockMs() };
  };
}

/**
 * Sends a signal to processes, and returns those that it reached: whoever saves the data of a Redis, or
 * asks it for a probe, ends by itself between the aim and the blow.
 *
 * @throws Error when none of them is left
 */
export function signalAll(processes: readonly number[], signal: SignalName): number[] {
  const reached = processes.filter((id) => isReached(id, signal));
  if (reached.length > 0) return reached;
  throw new Error(`of the processes ${processes.join(', ')} none is left to send ${signal} to`);
}

function isReached(id: number, signal: SignalName): boolean {
  try {
    return process.kill(id, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function processesOf(container: string): number[] {
  return processNumbers()
    .filter((number) => controlGroup(number).includes(container))
    .map(Number);
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}
