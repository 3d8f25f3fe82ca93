import { lateClientsMs } from '../../agent/core/demotion.ts';
import { columns } from '../columns.ts';
import { spread } from '../experiment/summary.ts';
import type { Outcome } from './outcome.ts';

const head = [
  ...['scenario', 'case', 'runs', 'gap, Service (ms)', 'gap, pods (ms)'],
  ...['acked', 'lost', 'verdict'],
];
/** The columns that hold words. */
const words = new Set([0, 1, 7]);

/** One line for each case: figures, and whether all its runs are passed. The last is the poll's. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const groups = Map.groupBy(outcomes, (one) => `${one.scenario} ${one.case}`);
  const rows = [...[...groups.values()].map(row), pollRow(outcomes)];
  return columns({ head, rows, words });
}

/** What did not hold, run by run; nothing when all did. */
export function objectionsOf(outcomes: readonly Outcome[]): string {
  const strays = straysOf(outcomes).map(
    ({ scenario, case: name, run, strayMs }) =>
      `    ${scenario}, ${name}, run ${run}: for ${Math.round(strayMs ?? 0)} ms`,
  );
  const met =
    'S2, ROLE poll: new connections through the leader Service met a replica for too long:';
  const poll = strays.length === 0 ? [] : [met, ...strays];
  const others = outcomes
    .filter(({ objections }) => objections.length > 0)
    .map(({ scenario, case: name, run, objections, figures }) => {
      const evidence = figures['evidence'];
      const where = evidence === undefined ? [] : [`what there is to read is in ${evidence}`];
      const lines = [...objections, ...where].map((line) => `    ${line}`);
      return [`${scenario}, ${name}, run ${run}:`, ...lines].join('\n');
    });
  return [...others, ...poll].join('\n');
}

/**
 * Runs in which new connections through the leader Service met a replica for too long. No Service can
 * keep the first ones from it: each machine's kube-proxy follows a change in its own time, and sends
 * to the former leader until then. That one refuses their writes, and cuts them for as long as this.
 */
export function straysOf(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ strayMs }) => strayMs !== null && strayMs > lateClientsMs);
}

/** What the poll of S2 found in the runs of all cases: how long a machine's rules lagged behind. */
function pollRow(outcomes: readonly Outcome[]): string[] {
  const strays = straysOf(outcomes);
  const verdict = strays.length === 0 ? 'holds' : `FAILS in ${strays.length}`;
  const runs = String(outcomes.length);
  const lag = range(outcomes.map(({ strayMs }) => strayMs ?? 0));
  return ['S2', 'ROLE poll in all runs', runs, lag, '-', '-', '-', verdict];
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
