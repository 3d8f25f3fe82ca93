import type { Conclusion } from './benchmark.ts';
import { distributionOf, groupsOf, type Sample } from './sample.ts';
import { figureText } from './table.ts';

/** What is to be expected of many releases, if each costs what those that were measured cost. */
export interface Projection {
  readonly subject: string;
  readonly measure: string;
  readonly unit: string;
  /** Without any release. */
  readonly base: number;
  /** What each release adds. */
  readonly perRelease: number;
  /** Releases of the largest step that was measured. */
  readonly measuredCount: number;
}

/** For how many releases it is said. */
const projectedCount = 1000;

/** Who is projected: failover times do not grow by releases, so they are none of it. */
const projected = new Set(['API server', 'etcd']);

/** Projections of all figures that were taken with no release and with some. */
export function projectionsOf(samples: readonly Sample[]): Projection[] {
  // Memory of such a process tells more of what it has done before than of what there is now.
  const wanted = samples.filter(({ subject, unit }) => projected.has(subject) && unit !== 'MiB');
  const series = Map.groupBy(groupsOf(wanted), ([first]) =>
    JSON.stringify([first?.subject, first?.measure]),
  );
  return [...series.values()].flatMap((groups) => {
    const points = groups.flatMap(pointOf).sort((one, other) => one.count - other.count);
    const [none, most] = [points[0], points.at(-1)];
    const [sample] = groups[0] ?? [];
    if (none?.count !== 0 || most === undefined || most.count === 0 || !sample) return [];
    const { subject, measure, unit } = sample;
    const perRelease = (most.median - none.median) / most.count;
    return [{ subject, measure, unit, base: none.median, perRelease, measuredCount: most.count }];
  });
}

/** What a projection says of `count` releases. */
export function projectedAt({ base, perRelease }: Projection, count: number): number {
  return base + perRelease * count;
}

/** All projections as a table. */
export function projectionTable(samples: readonly Sample[]): Conclusion | null {
  const projections = projectionsOf(samples);
  const [first] = projections;
  if (first === undefined) return null;
  const count = projectedCount.toLocaleString('en');
  const says =
    'Each release adds (median with the most releases - median with none) / releases. ' +
    `For ${count} releases that is computed from ${first.measuredCount}: ` +
    `median with none + ${count} x what each adds. Nobody has measured it.`;
  const rows = projections.map((one) => {
    const figures = [one.base, one.perRelease, projectedAt(one, projectedCount)];
    return [one.subject, one.measure, one.unit, ...figures.map(figureText)];
  });
  const head = ['subject', 'measure', 'unit', 'none', 'each adds', `${count} releases`];
  return { says, table: { head, rows, words: new Set([0, 1, 2]) } };
}

function pointOf(group: readonly Sample[]): { count: number; median: number }[] {
  const count = Number.parseInt(group[0]?.event ?? '', 10);
  const median = distributionOf(group)?.median;
  return median === undefined || Number.isNaN(count) ? [] : [{ count, median }];
}
