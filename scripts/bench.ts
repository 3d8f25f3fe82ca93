/** Benchmarks on a real cluster. `scripts/bench --help` tells what they do. */
import { relative } from 'node:path';
import { messageOf } from '../agent/errors.ts';
import type { Benchmark } from './benchmarks/benchmark.ts';
import { catalogue } from './benchmarks/catalogue.ts';
import { circumstances, inCheckout } from './benchmarks/circumstances.ts';
import { ResultsBook, type Results } from './benchmarks/results.ts';
import { publish } from './benchmarks/publish.ts';
import { head, rowsOf, words } from './benchmarks/table.ts';
import { Workshop } from './benchmarks/workshop.ts';
import { columns } from './columns.ts';
import { root } from './environment.ts';
import { clusterOfOnesOwn, embeddedCluster } from './experiment/cluster-choice.ts';
import { run } from './experiment/command.ts';
import { Options, UsageError } from './options.ts';
import { during, say } from './progress.ts';

const names = {
  values: ['only', 'runs', 'json', 'context', 'page', 'event'],
  flags: ['resume', 'quick', 'keep'],
};

async function main(argv: readonly string[]): Promise<void> {
  const options = new Options(argv, names);
  const [operand] = options.operands;
  if (operand !== undefined) throw new UsageError(`there is nothing to do with '${operand}'`);
  const published = options.list('page');
  if (published !== null) {
    if (argv.some((word) => word.startsWith('-') && !word.startsWith('--page'))) {
      throw new UsageError('--page measures nothing: no other option goes with it');
    }
    for (const file of await publish(published)) say(`written: ${relative(root, file)}`);
    return;
  }
  const benchmarks = chosen(options.list('only'));
  const bounds = { from: 1, to: 1000, fallback: 0 };
  // 0: each benchmark has a number of its own.
  const runs = options.count('runs', bounds) || null;
  const [file, isResumed] = [options.text('json'), options.flag('resume')];
  if (isResumed && file === null) throw new UsageError('--resume needs --json FILE');
  const context = options.text('context');
  const isTestbed = context === null;
  const choice = isTestbed ? await embeddedCluster() : await clusterOfOnesOwn(context);
  const book = await ResultsBook.open(file, await circumstances(argv, choice), isResumed);

  await during('bundling the agent', run(['node', 'scripts/build.ts'], inCheckout));
  const event = options.text('event');
  const [isQuick, isKept] = [options.flag('quick'), options.flag('keep')];
  const workshop = new Workshop({ choice, isTestbed, isQuick, isKept, runs, event }, book);
  onInterruption(() => workshop.interrupt());
  try {
    for (const benchmark of benchmarks) {
      say(`${benchmark.name}: ${benchmark.asks}`);
      await workshop.play(benchmark);
    }
  } finally {
    tell(book.results, benchmarks);
  }
}

/** Leaves a cluster behind that works. */
function onInterruption(clear: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('interrupted: undoing faults and removing what was installed');
      void clear().finally(() => process.exit(130));
    });
  }
}

function tell({ samples }: Results, benchmarks: readonly Benchmark[]): void {
  for (const { name, asks, conclude } of benchmarks) {
    const own = samples.filter(({ benchmark }) => benchmark === name);
    if (own.length > 0) console.log(`\n${asks}\n\n${columns({ head, rows: rowsOf(own), words })}`);
    const conclusion = conclude?.(own) ?? null;
    if (conclusion !== null) console.log(`\n${conclusion.says}\n\n${columns(conclusion.table)}`);
  }
}

/** The benchmarks that were asked for, all unless some were. */
function chosen(wanted: readonly string[] | null): readonly Benchmark[] {
  if (wanted === null) return catalogue;
  const known = catalogue.map(({ name }) => name);
  const strange = wanted.find((word) => !known.includes(word));
  if (strange !== undefined) {
    throw new UsageError(`--only has '${strange}'; allowed are ${known.join(', ')}`);
  }
  return catalogue.filter(({ name }) => wanted.includes(name));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`bench: ${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
