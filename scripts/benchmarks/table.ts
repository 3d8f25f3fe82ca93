import { distributionOf, groupsOf, type Distribution, type Sample } from './sample.ts';

/** The columns of every table of figures. */
export const head = [
  ...['event', 'measure', 'subject', 'unit'],
  ...['runs', 'minimum', 'median', 'p99', 'maximum'],
] as const;

/** The columns that hold words. */
export const words: ReadonlySet<number> = new Set([0, 1, 2, 3]);

/** One row for each event and measure, in the order in which they first came, and each subject. */
export function rowsOf(samples: readonly Sample[]): string[][] {
  const events = Map.groupBy(samples, ({ event }) => event);
  // What can be compared stands together: all subjects of one measure.
  const measures = [...events.values()].flatMap((group) => [
    ...Map.groupBy(group, ({ measure }) => measure).values(),
  ]);
  return measures.flatMap((group) => groupsOf(inOrder(group)).map(row));
}

/** Systems take turns in a random order, and must not stand in it. */
function inOrder(samples: readonly Sample[]): Sample[] {
  return samples.toSorted((one, other) => bySubject(one.subject, other.subject));
}

/** The order of systems in a table: 10 comes after 2. */
export function bySubject(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

function row(samples: readonly Sample[]): string[] {
  const [first] = samples;
  const { event = '', measure = '', subject = '', unit = '' } = first ?? {};
  return [event, measure, subject, unit, ...cells(samples)];
}

function cells(samples: readonly Sample[]): string[] {
  const distribution = distributionOf(samples);
  if (distribution === null) return [`0 of ${samples.length}`, '-', '-', '-', '-'];
  const { minimum, median, p99, maximum } = distribution;
  return [runsOf(distribution), ...[minimum, median, p99, maximum].map(figureText)];
}

function runsOf({ count, missing }: Distribution): string {
  return missing === 0 ? String(count) : `${count} of ${count + missing}`;
}

/** A figure with as many digits as mean something: three, and all before the point. */
export function figureText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
