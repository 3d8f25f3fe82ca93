/** The acceptance scenarios on a real cluster. `scripts/acceptance --help` tells what it does. */
import { messageOf } from '../agent/errors.ts';
import { root, toolEnvironment } from './environment.ts';
import { clusterOfOnesOwn, embeddedCluster } from './experiment/cluster-choice.ts';
import { run } from './experiment/command.ts';
import { undoFaults } from './experiment/machine-post.ts';
import { Options, UsageError } from './options.ts';
import { during, say } from './progress.ts';
import { catalogue } from './scenarios/catalogue.ts';
import { partsOf, type Part } from './scenarios/director.ts';
import { OutcomeBook } from './scenarios/outcome-book.ts';
import type { Outcome } from './scenarios/outcome.ts';
import { objectionsOf, tableOf } from './scenarios/report.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { profiles, type Ground } from './scenarios/stage.ts';
import { Theatre, type Showing } from './scenarios/theatre.ts';

const values = ['scenario', 'case', 'times', 'profile', 'json', 'context', 'soak', 'at-once'];
/** How long the soak goes on when it is only named, in seconds. */
const soakSeconds = 300;

async function main(argv: readonly string[]): Promise<void> {
  const options = new Options(argv, { values, flags: ['keep', 'brief', 'resume'] });
  const [operand] = options.operands;
  if (operand !== undefined) throw new UsageError(`there is nothing to do with '${operand}'`);
  const soak = options.text('soak');
  const scenarios = chosen(options.list('scenario') ?? (soak === null ? null : ['soak']));
  const soakMs = options.count('soak', { from: 1, to: 604_800, fallback: soakSeconds }) * 1000;
  const times = options.count('times', { from: 1, to: 1000, fallback: 1 });
  const stageCount = options.count('at-once', { from: 1, to: 20, fallback: 1 });
  const profile = options.choice('profile', profiles);
  const context = options.text('context');
  const isTestbed = context === null;
  const isBrief = options.flag('brief');
  const playable = partsOf(scenarios, { isTestbed, isBrief });
  if (playable.length === 0) {
    throw new UsageError('--context: these scenarios need the cluster of scripts/cluster');
  }
  const parts = casesWith(options.text('case') ?? '', playable);
  const [file, isResumed] = [options.text('json'), options.flag('resume')];
  if (isResumed && file === null) throw new UsageError('--resume needs --json FILE');
  const book = await OutcomeBook.open(file, isResumed);

  const choice = isTestbed ? await embeddedCluster() : await clusterOfOnesOwn(context);
  const inCheckout = { env: toolEnvironment(), cwd: root };
  await during('bundling the agent', run(['node', 'scripts/build.ts'], inCheckout));
  const ground: Ground = { choice, profile, isTestbed, isBrief, soakMs };
  const theatre = new Theatre(ground, { prefix: 'acceptance', stageCount });
  const isKept = options.flag('keep');
  onInterruption(() => theatre.interrupt(isKept));
  try {
    await playAll(theatre, showingsOf(parts, times), book);
    conclude(book.outcomes, scenarios);
  } finally {
    await theatre.end(isKept);
  }
}

/** Every case as often as it is to be played. */
function showingsOf(parts: readonly Part[], times: number): Showing[] {
  const runs = Array.from({ length: times }, (_, index) => index + 1);
  return parts.flatMap((part) => runs.map((run) => ({ part, run })));
}

/** Plays what the book does not have yet. */
async function playAll(
  theatre: Theatre,
  showings: readonly Showing[],
  book: OutcomeBook,
): Promise<void> {
  const missing = showings.filter(
    ({ part, run: number }) =>
      !book.has({ scenario: part.scenario.id, case: part.case.name, run: number }),
  );
  const playings = theatre.play(missing, async ({ part, run: number }, playing) => {
    const what = `${part.scenario.id}, ${part.case.name}, run ${number}`;
    const outcome = await during(what, playing);
    tell(what, outcome);
    await book.add(outcome);
    return outcome;
  });
  await Promise.all(playings);
}

/** Leaves a cluster behind that works. */
function onInterruption(clear: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say('interrupted: undoing faults and removing what was installed');
      void undoFaults()
        .then(clear)
        .finally(() => process.exit(130));
    });
  }
}

function tell(what: string, outcome: Outcome): void {
  const { objections, serviceGapMs, podsGapMs, strayMs, lostCount, acknowledgedCount } = outcome;
  for (const objection of objections) say(`${what}: does not hold: ${objection}`);
  const gap = (ms: number | null): string => (ms === null ? 'no' : `${Math.round(ms)} ms`);
  const gaps = `${gap(serviceGapMs)} gap through the Service, ${gap(podsGapMs)} at the pods`;
  const stray =
    strayMs === null ? '' : `, the leader Service led to a replica for ${Math.round(strayMs)} ms`;
  say(`${what}: ${gaps}, ${lostCount} of ${acknowledgedCount} acknowledged writes lost${stray}`);
}

function conclude(outcomes: readonly Outcome[], scenarios: readonly Scenario[]): void {
  console.log();
  for (const { id, holds } of scenarios) console.log(`${id.padEnd(5)}${holds}`);
  console.log(`\n${tableOf(outcomes)}`);
  const objections = objectionsOf(outcomes);
  if (objections !== '') console.log(`\n${objections}`);
  process.exitCode = objections === '' ? 0 : 1;
}

/** The cases with `words` in their names. */
function casesWith(words: string, parts: readonly Part[]): readonly Part[] {
  const found = parts.filter((part) => part.case.name.includes(words));
  if (found.length > 0) return found;
  const names = parts.map((part) => `'${part.case.name}'`).join(', ');
  throw new UsageError(`--case is '${words}'; the cases are ${names}`);
}

/** The scenarios that were asked for, all unless some were. */
function chosen(words: readonly string[] | null): Scenario[] {
  const usual = catalogue.filter(({ id }) => id !== 'soak');
  if (words === null) return usual;
  const known = catalogue.map(({ id }) => id);
  return words.map((word) => {
    const found = catalogue.find(({ id }) => id.toLowerCase() === word.toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`--scenario has '${word}'; allowed are ${known.join(', ')}`);
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`acceptance: ${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
