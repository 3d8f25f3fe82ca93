import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../environment.ts';
import { UsageError } from '../options.ts';
import { catalogue } from './catalogue.ts';
import { chartsOf } from './chart.ts';
import { generatedPart, pageWith } from './page.ts';
import { readResults } from './results.ts';

const page = join(root, 'docs/performance.md');
const folder = 'performance';

/** Writes the page and its charts from a file of results. Resolves with the files. */
export async function publish(file: string): Promise<string[]> {
  const results = await readResults(file);
  if (results === null) throw new UsageError(`--page: there is no file '${file}'`);
  const parts = await Promise.all(
    catalogue.map(async (benchmark) => {
      const own = results.samples.filter((sample) => sample.benchmark === benchmark.name);
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
  await writeFile(page, pageWith(text, generatedPart(results, parts, folder)));
  return [page, ...charts.map((chart) => join(target, chart.file))];
}
