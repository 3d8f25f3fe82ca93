import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { Cluster } from './cluster.ts';
import { ended } from './command.ts';

/** How often it is looked whether the first value has come, in milliseconds. */
const lookMs = 5;

/** A value of an object from `atMs` on, as it arrived here. */
export interface Change {
  readonly value: string;
  readonly atMs: number;
}

/** Follows one value of one object. The first change is the value at the beginning. */
export class Watch {
  readonly changes: Change[] = [];
  readonly #child: ChildProcess;

  /** @param path where the value is, as kubectl's jsonpath, e.g. `.spec.holderIdentity` */
  constructor(cluster: Cluster, kind: string, name: string, path: string) {
    const output = `--output=jsonpath={${path}}{"\\n"}`;
    this.#child = cluster.startKubectl(['get', kind, name, '--watch', output]);
    if (this.#child.stdout === null) throw new Error('the child has no pipes');
    createInterface({ input: this.#child.stdout }).on('line', (value) => {
      if (value !== this.changes.at(-1)?.value) this.changes.push({ value, atMs: wallClockMs() });
    });
  }

  /** Waits for the value at the beginning: what changes before it has come is not seen. */
  async begun(): Promise<void> {
    while (this.changes.length === 0) {
      if (this.#child.exitCode !== null) throw new Error('the watch has ended');
      await sleep(lookMs);
    }
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await ended(this.#child);
  }
}
