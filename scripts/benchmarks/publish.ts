import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../environment.ts';
import { UsageError } from '../options.ts';
import { catalogue } from './catalogue.ts';
import { chartsOf } from './chart.ts';
import { generatedPart, pageWith } from './page.ts';
import { readResults, type Results } from './results.ts';

const page = join(root, 'docs/performance.md');
const folder = 'performance';

/** Writes the page and its charts from files of results. Resolves with the files that it wrote. */
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
  const text = await readFile(page, 'utf8');
  await writeFile(page, pageWith(text, generatedPart(calls, parts, folder)));
  return [page, ...charts.map((chart) => join(target, chart.file))];
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
