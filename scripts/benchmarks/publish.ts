import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../environment.ts';
import { UsageError } from '../options.ts';
import { catalogue } from './catalogue.ts';
import { chartsOf } from './chart.ts';
import { failover } from './failover/failover.ts';
import { conclusionOf, generatedPart, pageWith } from './page.ts';
import { readResults, type Results } from './results.ts';

const page = join(root, 'docs/performance.md');
/** Shows the comparison of failovers alone. */
const readme = join(root, 'README.md');
const folder = 'performance';

/**
 * Writes the page, its charts and the table of the README from files of results. Resolves with the
 * files that it wrote.
 */
export async function publish(files: readonly string[]): Promise<string[]> {
  const calls = await Promise.all(files.map(resultsIn));
  assertDisjoint(calls);
  const samples = calls.flatMap((call) => call.samples);
  const parts = await Promise.all(
    catalogue.map(async (benchmark) => {
      const own = samples.filter((sample) => sample.benchmark === benchmark.name);
      return { benchmark, charts: benchmark.chart ? await chartsOf(own, benchmark.chart) : [] };
    }),
  );
  const charts = parts.flatMap((part) => part.charts);
  const target = join(root, 'docs', folder);
  await mkdir(target, { recursive: true });
  // A chart of something that is not measured any more must not stay.
  for (const name of await readdir(target)) {
    if (name.endsWith('.svg')) await rm(join(target, name));
  }
  for (const chart of charts) await writeFile(join(target, chart.file), chart.svg);
  await rewrite(page, generatedPart(calls, parts, folder));
  const compared = samples.filter((sample) => sample.benchmark === failover.name);
  await rewrite(readme, conclusionOf(failover, compared).join('\n\n'));
  return [page, readme, ...charts.map((chart) => join(target, chart.file))];
}

async function rewrite(file: string, generated: string): Promise<void> {
  await writeFile(file, pageWith(await readFile(file, 'utf8'), generated));
}

async function resultsIn(file: string): Promise<Results> {
  const results = await readResults(file);
  if (results === null) throw new UsageError(`--page: there is no file '${file}'`);
  return results;
}

/** What is compared was measured side by side: figures of one event come from one call. */
function assertDisjoint(calls: readonly Results[]): void {
  const seen = new Set<string>();
  for (const { samples } of calls) {
    const own = new Set(samples.map(({ benchmark, event }) => `${benchmark}, ${event}`));
    const twice = [...own].find((one) => seen.has(one));
    if (twice !== undefined) throw new UsageError(`--page: '${twice}' is in two of the files`);
    for (const one of own) seen.add(one);
  }
}
