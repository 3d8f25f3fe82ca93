import type { Step } from './timeline.ts';

/** One run of a demonstration. */
export interface Run {
  readonly acknowledgedCount: number;
  /** Acknowledged writes that were not there afterwards. */
  readonly lostCount: number;
  readonly writableAfterMs: number;
  readonly steps: readonly Step[];
  /** What the application got instead of an acknowledgement, and when after the kill. */
  readonly failures: readonly { readonly error: string; readonly afterMs: number }[];
}

/** The steps as lines for a person to read. */
export function table(steps: readonly Step[]): string {
  const nameLength = Math.max(...steps.map(({ name }) => name.length));
  const line = ({ name, afterMs, detail }: Step): string =>
    `  ${afterMs.toFixed(1).padStart(9)} ms  ${name.padEnd(nameLength)}  ${detail}`;
  return steps.map(line).join('\n');
}

/** The last line: what one run cost, or what many did. */
export function summaryOf(runs: readonly Run[]): string {
  const lost = sum(runs.map(({ lostCount }) => lostCount));
  const acknowledged = sum(runs.map(({ acknowledgedCount }) => acknowledgedCount));
  const times = spread(runs.map(({ writableAfterMs }) => writableAfterMs));
  const cost = `lost ${lost} of ${acknowledged} acknowledged writes`;
  if (runs.length === 1) return `${cost}, writable again after ${times.median} ms`;
  const range = `${times.minimum} / ${times.median} / ${times.maximum} ms`;
  return `${cost} in ${runs.length} runs, writable again after ${range} (minimum / median / maximum)`;
}

/** Smallest, middle and largest, rounded. There must be at least one. */
export function spread(
  values: readonly number[],
): Record<'minimum' | 'median' | 'maximum', number> {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const half = (sorted.length - 1) / 2;
  return {
    minimum: Math.round(at(0)),
    median: Math.round((at(Math.floor(half)) + at(Math.ceil(half))) / 2),
    maximum: Math.round(at(sorted.length - 1)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
