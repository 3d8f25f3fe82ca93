import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { wallClockMs } from '../workload/wall-clock.ts';
import type { Cluster } from './cluster.ts';
import { ended } from './command.ts';

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

  async stop(): Promise<void> {
    this.#child.kill();
    await ended(this.#child);
  }
}
