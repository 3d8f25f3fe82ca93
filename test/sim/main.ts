import minimist from 'minimist';
import { runSeed, type RunResult } from './run.ts';

const usage = 'usage: npm run sim -- [--seed FIRST] [--seeds COUNT] [--trace]';

/** Runs worlds, and prints how to see a failure again. With one seed it prints what happened. */
function main(argv: readonly string[]): number {
  const options = minimist([...argv], { boolean: ['trace'] });
  const first = wholeNumber(options['seed'], 1);
  const count = wholeNumber(options['seeds'], options['seed'] === undefined ? 1000 : 1);
  if (first === null || count === null || count < 1) {
    console.error(`--seed and --seeds must be whole numbers, 1 or more\n${usage}`);
    return 2;
  }
  const isTraced = count === 1 || options['trace'] === true;
  const totals = { failed: 0, events: 0, successions: 0, lost: 0 };
  const begunMs = performance.now();
  for (let seed = first; seed < first + count; seed += 1) {
    const result = runSeed(seed, undefined, isTraced);
    totals.events += result.events;
    totals.successions += result.successions;
    totals.lost += result.lost;
    if (isTraced) printTrace(result);
    if (result.violation === null) continue;
    totals.failed += 1;
    console.log(`seed ${seed}: ${result.violation.message}`);
    console.log(`  replay: npm run sim -- --seed ${seed}`);
  }
  const seconds = (performance.now() - begunMs) / 1000;
  const { failed, events, successions, lost } = totals;
  console.log(
    `${count} seeds, ${failed} failed; ${events} events, ${successions} terms, ` +
      `${lost} unreplicated writes lost; ${Math.round(count / seconds)} seeds/s`,
  );
  return failed === 0 ? 0 : 1;
}

function printTrace({ lines, options }: RunResult): void {
  console.log(JSON.stringify({ ...options, variant: undefined }));
  for (const { atMs, who, what, detail } of lines) {
    console.log(`${atMs.toFixed(1).padStart(9)} ${who.padEnd(7)} ${what.padEnd(26)} ${detail}`);
  }
}

function wholeNumber(value: unknown, otherwise: number): number | null {
  if (value === undefined) return otherwise;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

process.exitCode = main(process.argv.slice(2));
