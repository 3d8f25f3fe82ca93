import { spread } from '../experiment/summary.ts';
import type { Outcome } from './outcome.ts';

const head = [
  ...['scenario', 'case', 'runs', 'gap, Service (ms)', 'gap, pods (ms)'],
  ...['acked', 'lost', 'verdict'],
];
/** The columns that hold words. */
const words = new Set([0, 1, 7]);

/** One line for each case: figures, and whether all its runs are passed. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const groups = Map.groupBy(outcomes, (one) => `${one.scenario} ${one.case}`);
  const rows = [head, ...[...groups.values()].map(row)];
  const widths = head.map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return words.has(column) ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What did not hold, run by run; nothing when all did. */
export function objectionsOf(outcomes: readonly Outcome[]): string {
  return outcomes
    .filter(({ objections }) => objections.length > 0)
    .map(({ scenario, case: name, run, objections, figures }) => {
      const evidence = figures['evidence'];
      const where = evidence === undefined ? [] : [`what there is to read is in ${evidence}`];
      const lines = [...objections, ...where].map((line) => `    ${line}`);
      return [`${scenario}, ${name}, run ${run}:`, ...lines].join('\n');
    })
    .join('\n');
}

function row(outcomes: readonly Outcome[]): string[] {
  const [first] = outcomes;
  const failed = outcomes.filter(({ objections }) => objections.length > 0).length;
  const total = (pick: (outcome: Outcome) => number): string =>
    String(outcomes.reduce((sum, outcome) => sum + pick(outcome), 0));
  return [
    ...[first?.scenario ?? '', first?.case ?? '', String(outcomes.length)],
    range(outcomes.map(({ serviceGapMs }) => serviceGapMs)),
    range(outcomes.map(({ podsGapMs }) => podsGapMs)),
    ...[total((one) => one.acknowledgedCount), total((one) => one.lostCount)],
    failed === 0 ? 'holds' : `FAILS in ${failed}`,
  ];
}

/** Minimum, median and maximum. */
function range(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '-';
  const { minimum, median, maximum } = spread(known);
  return `${minimum} / ${median} / ${maximum}`;
}
