import type { Cluster, ClusterChoice } from '../experiment/cluster.ts';
import type { Table } from '../columns.ts';
import type { Figure, Sample } from './sample.ts';

/** A question that is answered with figures. */
export interface Benchmark {
  /** One word, for `--only`. */
  readonly name: string;
  /** The question, as a sentence. */
  readonly asks: string;
  /** What is drawn, one picture for each event. */
  readonly chart?: ChartWish;
  readonly play: (bench: Bench) => Promise<void>;
  /** What follows from its figures, where that is more than how they lie; `null` when it lacks some. */
  readonly conclude?: (samples: readonly Sample[]) => Conclusion | null;
}

/** A table that is computed from figures. */
export interface Conclusion {
  /** How it is computed, as a sentence. */
  readonly says: string;
  readonly table: Table;
}

/** Which figures a picture shows. */
export interface ChartWish {
  /** The measures that are drawn beside each other; all in one unit. */
  readonly measures: readonly string[];
  /** What the axis shows, in words and with the unit. */
  readonly axis: string;
}

/** What a benchmark works with. */
export interface Bench {
  readonly choice: ClusterChoice;
  /** The cluster is that of scripts/cluster: machines can be cut off. */
  readonly isTestbed: boolean;
  /** Waiting that only makes figures steadier is cut short, to try whether all works. */
  readonly isQuick: boolean;
  /** Whether an event was asked for: all are unless some were. */
  readonly wants: (event: string) => boolean;
  /** How many runs there are: those that were asked for, else `usual`. */
  readonly runs: (usual: number) => number;
  /** A new namespace `bench-NAME`, which is removed at the end unless it is to be kept. */
  readonly openNamespace: (name: string) => Promise<Cluster>;
  /** Has something undone at the end or on interruption, whatever is to be kept. */
  readonly atEnd: (undo: () => Promise<unknown>) => void;
  /**
   * Hands in figures. Those of one run of one subject at one event belong in one call: a file that is
   * gone on with later has runs as a whole or not at all.
   */
  readonly record: (figures: readonly Figure[]) => Promise<void>;
  /** Whether a run is there already, from a call that is gone on with. */
  readonly isDone: (run: Pick<Figure, 'subject' | 'event' | 'run'>) => boolean;
  /** Says which version of something takes part. */
  readonly addVersion: (name: string, version: string) => Promise<void>;
}
