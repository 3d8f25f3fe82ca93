import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Killed } from './record.ts';
import { wallClockMs } from './wall-clock.ts';

/**
 * Ends all processes of some containers of this machine at once, as the kernel would for want of
 * memory: nobody gets to say goodbye.
 *
 * From inside a container its first process cannot be killed, so this runs in the machine's process
 * namespace, where a container is known by its control group.
 *
 * @param emptied a folder of the first container that loses its content first, `null` for none
 */
export function kill(containers: readonly string[], emptied: string | null): Killed {
  const processes = containers.map((container) => processesOf(container));
  for (const [index, found] of processes.entries()) {
    if (found.length === 0) {
      throw new Error(`no process of container ${String(containers[index])} runs on this machine`);
    }
  }
  const first = processes[0]?.[0];
  if (emptied !== null && first !== undefined) empty(join(`/proc/${first}/root`, emptied));
  const all = processes.flat();
  const atMs = wallClockMs();
  for (const id of all) process.kill(id, 'SIGKILL');
  return { kind: 'killed', processes: all, atMs };
}

function processesOf(container: string): number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => controlGroup(id).includes(container)).map(Number);
}

function controlGroup(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cgroup`, 'utf8');
  } catch {
    // It has ended since the folder was read.
    return '';
  }
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}
