/** How many tests passed and failed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Tests of one kind, with what they need. */
export interface Layer {
  readonly name: string;
  /** Sets up what the tests need. A layer that rejects counts as one failed test. */
  readonly prepare: () => Promise<void>;
  readonly run: () => Promise<Tally>;
}

/** What a layer came to, and how long that took. */
export interface LayerResult extends Tally {
  readonly name: string;
  readonly tookMs: number;
}

/** The sum of tallies. */
export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, { passed, failed }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
    }),
    { passed: 0, failed: 0 },
  );
}
