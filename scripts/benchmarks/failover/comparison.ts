import type { Conclusion } from '../benchmark.ts';
import { distributionOf, type Distribution, type Sample } from '../sample.ts';
import { bySubject, figureText } from '../table.ts';
import { isOf, wayOf, type MeasureKind } from './measure.ts';
import type { Way } from './system.ts';

/** What every system has. */
const usualWay: Way['name'] = 'Service';

/** All systems side by side, at a glance: a row for each event. */
export function comparison(samples: readonly Sample[]): Conclusion | null {
  const gaps = samples.filter(({ measure }) => isOf('gap', measure));
  if (gaps.length === 0) return null;
  const titles = [...new Set(gaps.map(titleOf))].sort(bySubject);
  const events = [...new Set(gaps.map(({ event }) => event))];
  const rows = events.map((event) => {
    const own = samples.filter((sample) => sample.event === event);
    return [event, ...titles.map((title) => cell(own, title))];
  });
  const says =
    'The median of the longest pause between two acknowledged writes, in milliseconds, and the most ' +
    'acknowledged writes that a run has lost.';
  return { says, table: { head: ['event', ...titles], rows, words: new Set([0]) } };
}

/** The system, and the way to it where that is not the usual one. */
function titleOf({ subject, measure }: Sample): string {
  const way = wayOf(measure);
  return way === usualWay ? subject : `${subject}, ${way}`;
}

function cell(samples: readonly Sample[], title: string): string {
  const of = (kind: MeasureKind): Distribution | null =>
    distributionOf(samples.filter((one) => isOf(kind, one.measure) && titleOf(one) === title));
  const gaps = of('gap');
  if (gaps === null) return '-';
  const { median, count, missing } = gaps;
  const most = of('lost')?.maximum ?? 0;
  return [
    figureText(median),
    ...(most === 0 ? [] : [`, ${most} lost`]),
    ...(missing === 0 ? [] : [`, ${missing} of ${count + missing} without an end`]),
  ].join('');
}
