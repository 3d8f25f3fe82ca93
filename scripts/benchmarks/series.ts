import { groupsOf, type Sample } from './sample.ts';

/** All values of one measure of one subject at one event: a line of a file of results. */
export interface Series extends Omit<Sample, 'run' | 'value'> {
  /** By the number of the run; `null` when what was waited for did not come. */
  readonly runs: Readonly<Record<string, number | null>>;
}

/** Samples as series, in the order in which the first of each came. */
export function seriesOf(samples: readonly Sample[]): Series[] {
  return groupsOf(samples).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { benchmark, event, subject, measure, unit } = first;
    const runs = Object.fromEntries(group.map(({ run, value }) => [run, value]));
    return [{ benchmark, event, subject, measure, unit, runs }];
  });
}

/** The samples that series were made of. */
export function samplesOf(series: readonly Series[]): Sample[] {
  return series.flatMap(({ runs, ...what }) =>
    Object.entries(runs).map(([run, value]) => ({ ...what, run: Number(run), value })),
  );
}
