import minimist from 'minimist';
import { variantOf } from './mutant.ts';
import { mutants } from './mutants.ts';
import { runSeed, type RunResult } from './run.ts';
import { real, type Variant } from './variant.ts';

const usage =
  'usage: npm run sim -- [--seed FIRST] [--seeds COUNT] [--mutant NUMBER] [--trace] [--json]\n' +
  'With one seed it prints what happened. --mutant 0 is the first of test/sim/mutants.ts, --json prints one line for sim.test.ts.';

interface Options {
  readonly first: number;
  readonly count: number;
  readonly mutant: number | null;
  readonly isTraced: boolean;
  readonly isJson: boolean;
}

/** Runs worlds, and prints how to see a failure again. */
async function main(argv: readonly string[]): Promise<number> {
  const options = parse(argv);
  if (typeof options === 'string') {
    console.error(`${options}\n${usage}`);
    return 2;
  }
  const mutant = options.mutant === null ? null : mutants[options.mutant]!;
  if (mutant !== null) console.log(`mutant: ${mutant.name}`);
  const variant = mutant === null ? real : await variantOf(mutant);
  return options.isJson ? report(options, variant) : runAll(options, variant);
}

function parse(argv: readonly string[]): Options | string {
  const given = minimist([...argv], { boolean: ['trace', 'json'] });
  const known = ['_', 'trace', 'json', 'seed', 'seeds', 'mutant'];
  const strange = Object.keys(given).find((key) => !known.includes(key)) ?? given._[0];
  if (strange !== undefined) return `${strange} is no option`;
  const first = wholeNumber(given['seed'], 1);
  const count = wholeNumber(given['seeds'], given['seed'] === undefined ? 1000 : 1);
  const mutant = wholeNumber(given['mutant'], -1);
  if (first === null) return `--seed ${String(given['seed'])}: a whole number is needed, 0 or more`;
  if (count === null || count < 1) {
    return `--seeds ${String(given['seeds'])}: a whole number is needed, 1 or more`;
  }
  if (mutant === null || mutant >= mutants.length) {
    return `--mutant ${String(given['mutant'])}: a whole number is needed, below ${mutants.length}`;
  }
  const isJson = given['json'] === true;
  const isTraced = !isJson && (count === 1 || given['trace'] === true);
  return { first, count, mutant: mutant < 0 ? null : mutant, isTraced, isJson };
}

function wholeNumber(value: unknown, otherwise: number): number | null {
  if (value === undefined) return otherwise;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

function runAll({ first, count, mutant, isTraced }: Options, variant: Variant): number {
  const totals = { failed: 0, events: 0, terms: 0, lost: 0, stuck: 0 };
  const begunMs = performance.now();
  for (let seed = first; seed < first + count; seed += 1) {
    const result = runSeed(seed, variant, isTraced);
    totals.events += result.events;
    totals.terms += result.successions;
    totals.lost += result.lost;
    totals.stuck += result.needsOperator ? 1 : 0;
    if (isTraced && result.needsOperator) console.log('it needs an operator');
    if (isTraced) printTrace(result);
    if (result.violation === null) continue;
    totals.failed += 1;
    const again = mutant === null ? '' : ` --mutant ${mutant}`;
    console.log(`seed ${seed}: ${result.violation.message}`);
    console.log(`  replay: npm run sim -- --seed ${seed}${again}`);
  }
  const rate = Math.round((1000 * count) / (performance.now() - begunMs));
  console.log(
    `${count} seeds, ${totals.failed} failed; ${totals.events} events, ${totals.terms} terms, ` +
      `${totals.lost} unreplicated writes lost, ${totals.stuck} need an operator; ${rate} seeds/s`,
  );
  return totals.failed === 0 ? 0 : 1;
}

/** What sim.test.ts needs: the failures, and the reasons that came up. */
function report({ first, count }: Options, variant: Variant): number {
  const failures: string[] = [];
  const reached = new Set<string>();
  for (let seed = first; seed < first + count; seed += 1) {
    const { violation, reasons } = runSeed(seed, variant);
    for (const reason of reasons) reached.add(reason);
    if (violation !== null) failures.push(`${violation.message}; npm run sim -- --seed ${seed}`);
  }
  console.log(JSON.stringify({ failures, reasons: [...reached] }));
  return 0;
}

function printTrace({ lines, options }: RunResult): void {
  console.log(JSON.stringify({ ...options, variant: undefined }));
  for (const { atMs, who, what, detail } of lines) {
    console.log(`${atMs.toFixed(1).padStart(9)} ${who.padEnd(7)} ${what.padEnd(26)} ${detail}`);
  }
}

process.exitCode = await main(process.argv.slice(2));
