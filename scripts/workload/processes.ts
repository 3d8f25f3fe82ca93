import { readdirSync, readFileSync } from 'node:fs';
import type { Used } from './record.ts';
import { wallClockMs } from './wall-clock.ts';

/** Linux tells CPU time in these to every program, whatever the kernel counts in. */
const ticksPerSecond = 100;

/** The control group of a process: the id of its container is in it. Empty when it has ended. */
export function controlGroup(process: string): string {
  return readOrEmpty(`/proc/${process}/cgroup`);
}

/** The numbers of all processes of this machine. */
export function processNumbers(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/**
 * What the first process of each of these containers has used. It has to run in the machine's process
 * namespace. Processes that a probe starts in a container are not counted.
 */
export function processUsage(containers: readonly string[]): Used[] {
  const numbers = processNumbers().filter((number) => isFirst(statusOf(number)));
  return containers.map((container) => {
    const number = numbers.find((one) => controlGroup(one).includes(container));
    if (number === undefined) throw new Error(`container ${container} does not run here`);
    return { kind: 'used', container, ...usageOf(number), atMs: wallClockMs() };
  });
}

function usageOf(number: string): Omit<Used, 'kind' | 'container' | 'atMs'> {
  const file = (name: string): string => readFileSync(`/proc/${number}/${name}`, 'utf8');
  const memory = file('smaps_rollup');
  return {
    command: file('comm').trim(),
    rssBytes: memoryField(memory, 'Rss'),
    anonymousBytes: memoryField(memory, 'Anonymous'),
    proportionalBytes: memoryField(memory, 'Pss'),
    cpuMs: cpuMs(file('stat')),
  };
}

/** Bytes of a field of `/proc/PID/smaps_rollup`, which counts in KiB. */
export function memoryField(text: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kibibytes === undefined) throw new Error(`smaps_rollup has no ${name}`);
  return Number(kibibytes) * 1024;
}

/** Milliseconds of CPU that a process has used, in itself and for it in the kernel: `/proc/PID/stat`. */
export function cpuMs(stat: string): number {
  // The second field is a name in parentheses that may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return ((user + system) * 1000) / ticksPerSecond;
}

/** Whether a process is number 1 in its own namespace, by its `/proc/PID/status`. */
export function isFirst(status: string): boolean {
  const numbers = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  return numbers.length > 1 && numbers.at(-1) === '1';
}

function statusOf(number: string): string {
  return readOrEmpty(`/proc/${number}/status`);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process has ended since the folder was read.
    return '';
  }
}
