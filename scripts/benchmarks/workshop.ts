import { messageOf } from '../../agent/errors.ts';
import { Cluster, type ClusterChoice } from '../experiment/cluster.ts';
import { undoFaults } from '../experiment/machine-post.ts';
import { say } from '../progress.ts';
import type { Bench, Benchmark } from './benchmark.ts';
import type { ResultsBook } from './results.ts';

/** What was asked for. */
export interface WorkshopOptions {
  readonly choice: ClusterChoice;
  readonly isTestbed: boolean;
  readonly isQuick: boolean;
  /** What was installed stays. */
  readonly isKept: boolean;
  /** What the name of an event must contain; `null` for every event. */
  readonly event: string | null;
  /** How many runs of everything; `null` leaves it to each benchmark. */
  readonly runs: number | null;
}

/** Plays benchmarks one after the other, and clears away what they leave. */
export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #book: ResultsBook;
  readonly #namespaces = new Set<Cluster>();
  readonly #undoings: (() => Promise<unknown>)[] = [];
  #isInterrupted = false;

  constructor(options: WorkshopOptions, book: ResultsBook) {
    this.#options = options;
    this.#book = book;
  }

  /** Plays one to its end, and removes what it has installed. */
  async play(benchmark: Benchmark): Promise<void> {
    try {
      await benchmark.play(this.#benchFor(benchmark.name));
    } finally {
      await this.clear();
    }
  }

  /** Clears away what is there. What fails for that has not been measured, and is not recorded. */
  async interrupt(): Promise<void> {
    this.#isInterrupted = true;
    await this.clear();
  }

  /** Undoes all that is left of the one that is being played. Can be called at any time. */
  async clear(): Promise<void> {
    await undoFaults();
    for (const undo of this.#undoings.splice(0).reverse()) {
      await undo().catch((error: unknown) => {
        say(`not undone: ${messageOf(error)}`);
      });
    }
    const namespaces = [...this.#namespaces];
    this.#namespaces.clear();
    if (this.#options.isKept) return;
    await Promise.all(namespaces.map((cluster) => remove(cluster)));
  }

  #benchFor(benchmark: string): Bench {
    const { choice, isTestbed, isQuick, runs, event } = this.#options;
    const book = this.#book;
    return {
      ...{ choice, isTestbed, isQuick },
      wants: (name) => event === null || name.toLowerCase().includes(event.toLowerCase()),
      runs: (usual) => runs ?? usual,
      openNamespace: (name) => this.#open(name),
      atEnd: (undo) => this.#undoings.push(undo),
      record: async (figures) => {
        if (this.#isInterrupted) return;
        await book.add(figures.map((figure) => ({ benchmark, ...figure })));
      },
      isDone: (run) => book.has({ benchmark, ...run }),
      addVersion: (name, version) => book.addVersion(name, version),
    };
  }

  async #open(name: string): Promise<Cluster> {
    const cluster = new Cluster(this.#options.choice, `bench-${name}`);
    // Known before it is there: what could not be created has to be removed as well.
    this.#namespaces.add(cluster);
    await remove(cluster);
    await cluster.createNamespace();
    return cluster;
  }
}

/** Also waits until all in it is gone: what still ends would be in the next figures. */
async function remove(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['delete', 'namespace', cluster.namespace, '--ignore-not-found']);
}
