/** One figure. Everything that is shown is computed from these. */
export interface Sample {
  /** Name of the benchmark, e.g. `failover`. */
  readonly benchmark: string;
  /** The system that was measured, with the way to it where there are several, e.g. `regent fast`. */
  readonly subject: string;
  /** What happened, e.g. `Redis killed`. */
  readonly event: string;
  /** What was measured, e.g. `write gap, Service`. */
  readonly measure: string;
  /** Of the value, e.g. `ms`, `bytes`, `writes`. */
  readonly unit: string;
  /** Counted from 1. */
  readonly run: number;
  /** `null` when what was waited for did not come. */
  readonly value: number | null;
}

/** A figure as a benchmark hands it in: which benchmark that is goes without saying. */
export type Figure = Omit<Sample, 'benchmark'>;

/** The samples that differ in nothing but run and value, in the order in which they came. */
export function groupsOf(samples: readonly Sample[]): Sample[][] {
  const key = ({ benchmark, event, measure, unit, subject }: Sample): string =>
    JSON.stringify([benchmark, event, measure, unit, subject]);
  return [...Map.groupBy(samples, key).values()];
}

/** How values lie. */
export interface Distribution {
  /** Values that there are. */
  readonly count: number;
  /** Runs without a value. */
  readonly missing: number;
  readonly minimum: number;
  readonly median: number;
  /** The value that 99 of 100 do not exceed: with less than 100 runs it is the largest. */
  readonly p99: number;
  readonly maximum: number;
}

/** How the values of some samples lie; `null` when none of them has one. */
export function distributionOf(samples: readonly Sample[]): Distribution | null {
  const values = samples.map(({ value }) => value).filter((value) => value !== null);
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const half = (sorted.length - 1) / 2;
  return {
    count: sorted.length,
    missing: samples.length - sorted.length,
    minimum: at(0),
    median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2,
    p99: at(Math.ceil(sorted.length * 0.99) - 1),
    maximum: at(sorted.length - 1),
  };
}
