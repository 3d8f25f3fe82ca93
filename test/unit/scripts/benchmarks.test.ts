import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Benchmark } from '../../../scripts/benchmarks/benchmark.ts';
import { catalogue } from '../../../scripts/benchmarks/catalogue.ts';
import { chartsOf } from '../../../scripts/benchmarks/chart.ts';
import { commandOf } from '../../../scripts/benchmarks/circumstances.ts';
import { generatedPart, marks, pageWith } from '../../../scripts/benchmarks/page.ts';
import { publish } from '../../../scripts/benchmarks/publish.ts';
import { ResultsBook, type Circumstances } from '../../../scripts/benchmarks/results.ts';
import { distributionOf, type Sample } from '../../../scripts/benchmarks/sample.ts';
import { samplesOf, seriesOf } from '../../../scripts/benchmarks/series.ts';
import { rowsOf } from '../../../scripts/benchmarks/table.ts';
import { Workshop } from '../../../scripts/benchmarks/workshop.ts';

const gap = {
  benchmark: 'failover',
  event: 'Redis killed',
  measure: 'write gap, Service',
} as const;

function sample(subject: string, run: number, value: number | null): Sample {
  return { ...gap, subject, unit: 'ms', run, value };
}

const samples = [
  sample('regent fast', 1, 30),
  sample('sentinel 1 s', 1, 3000),
  sample('regent fast', 2, 10),
  sample('sentinel 1 s', 2, null),
  sample('regent fast', 3, 20.5),
];

const now: Circumstances = {
  startedAt: '2026-11-20T20:00:00.000Z',
  command: 'scripts/bench --only failover',
  commit: '0123456789ab',
  machine: { cores: 2, memoryBytes: 24 * 2 ** 30, kernel: 'Linux 6.1', loadBefore: [0.1, 0, 0] },
  versions: { Kubernetes: 'v1.35.8' },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('the command is shown without the folders of the machine', () => {
  const words = ['--runs', '4', '--json', '/home/me/results.json'];
  expect(commandOf(words)).toBe('scripts/bench --runs 4 --json results.json');
  expect(commandOf(['--json=../r.json'])).toBe('scripts/bench --json=r.json');
  expect(commandOf(['--event', 'Redis killed'])).toBe("scripts/bench --event 'Redis killed'");
  expect(commandOf(["--event=it's"])).toBe(String.raw`scripts/bench '--event=it'\''s'`);
});

test('what fails because somebody interrupts is no run', async () => {
  const book = await ResultsBook.open(null, now, false);
  const none = { choice: { kubeconfig: null, context: null }, isTestbed: false, isQuick: false };
  const workshop = new Workshop({ ...none, isKept: false, event: null, runs: null }, book);
  const recorded = { event: 'Redis killed', subject: 'regent', run: 1, measure: 'gap', unit: 'ms' };
  const play: Benchmark['play'] = async ({ record }) => {
    await record([{ ...recorded, value: 1 }]);
    await workshop.interrupt();
    await record([{ ...recorded, run: 2, value: null }]);
  };
  await workshop.play({ name: 'failover', asks: 'Is it recorded?', play });
  expect(book.results.samples.map(({ run }) => run)).toEqual([1]);
});

test('a row has the runs, and how their values lie', () => {
  expect(rowsOf(samples)).toEqual([
    ['Redis killed', 'write gap, Service', 'regent fast', 'ms', '3', '10', '20.5', '30', '30'],
    [
      ...['Redis killed', 'write gap, Service', 'sentinel 1 s', 'ms'],
      ...['1 of 2', '3000', '3000', '3000', '3000'],
    ],
  ]);
});

test('what never came in any run has a row without values', () => {
  expect(rowsOf([sample('sentinel 1 s', 1, null)])[0]?.slice(4)).toEqual([
    '0 of 1',
    ...Array.from({ length: 4 }, () => '-'),
  ]);
});

test('what can be compared stands together, in whichever order it was measured', () => {
  const other = (run: number): Sample => ({ ...sample('regent fast', run, 1), measure: 'other' });
  const subjects = rowsOf([sample('b', 1, 1), other(1), sample('a', 1, 1)]).map(
    ([, measure, subject]) => `${String(measure)} ${String(subject)}`,
  );
  expect(subjects).toEqual(['write gap, Service a', 'write gap, Service b', 'other regent fast']);
});

test('99 of 100 values do not exceed the 99th percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => sample('a', index + 1, index + 1));
  expect(distributionOf(hundred)).toMatchObject({ median: 50.5, p99: 99, maximum: 100 });
  expect(distributionOf(hundred.slice(0, 20))).toMatchObject({ p99: 20 });
});

test('results are in the file after every run, and are gone on with', async () => {
  const file = join(folder, 'results.json');
  const book = await ResultsBook.open(file, now, false);
  await book.add(samples.slice(0, 2));
  const again = await ResultsBook.open(file, { ...now, startedAt: 'later' }, true);
  expect(again.has({ ...gap, subject: 'regent fast', run: 1 })).toBe(true);
  expect(again.has({ ...gap, subject: 'regent fast', run: 2 })).toBe(false);
  await again.add(samples.slice(2, 3));
  const series = { ...gap, unit: 'ms' };
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    ...now,
    series: [
      { ...series, subject: 'regent fast', runs: { 1: 30, 2: 10 } },
      { ...series, subject: 'sentinel 1 s', runs: { 1: 3000 } },
    ],
  });
});

test('a run that did not end as awaited is another thing than one that was not made', () => {
  expect(samplesOf(seriesOf(samples))).toEqual(expect.arrayContaining(samples));
  expect(samplesOf(seriesOf(samples))).toHaveLength(samples.length);
});

test('results that are there are neither overwritten nor mixed with those of another commit', async () => {
  const file = join(folder, 'results.json');
  await ResultsBook.open(file, now, false);
  await expect(ResultsBook.open(file, now, false)).rejects.toThrow('--resume adds what they lack');
  const other = { ...now, commit: 'ba9876543210' };
  await expect(ResultsBook.open(file, other, true)).rejects.toThrow(
    'commit 0123456789ab, and this is ba9876543210',
  );
});

test('a file that holds something else is refused', async () => {
  const file = join(folder, 'results.json');
  for (const text of ['[]', '{"series": 1}', 'no JSON']) {
    await writeFile(file, text);
    await expect(ResultsBook.open(file, now, true)).rejects.toThrow('does not hold results');
  }
});

test('a page keeps its own text, and gets what was measured in the place of what was before', () => {
  const page = `before\n${marks.begin}\nold\n${marks.end}\nafter\n`;
  const once = pageWith(page, 'new');
  expect(once).toBe(`before\n${marks.begin}\n\nnew\n\n${marks.end}\nafter\n`);
  expect(pageWith(once, 'new')).toBe(once);
  expect(() => pageWith('no marks', 'new')).toThrow('the page lacks');
});

test('the page says on what was measured, and has a table and a chart for each event', () => {
  const benchmark = catalogue.find(({ name }) => name === 'failover');
  if (benchmark === undefined) throw new Error('no failover benchmark');
  const charts = [{ file: 'failover-redis-killed.svg', title: 'Redis killed', svg: '' }];
  const text = generatedPart([{ ...now, samples }], [{ benchmark, charts }], 'performance');
  expect(text).toContain('2 cores, 24 GiB of memory, Linux 6.1');
  expect(text).toContain('`scripts/bench --only failover`');
  expect(text).toContain('![Redis killed](performance/failover-redis-killed.svg)');
  expect(text).toContain('### Redis killed');
  expect(text).toMatch(/\| write gap, Service \| sentinel 1 s \| ms +\| 1 of 2 \| +3000 \|/);
});

test('the page has a column for what each of several calls was made on', () => {
  const at = (event: string): Sample => ({ ...sample('regent fast', 1, 30), event });
  const first = { ...now, samples: [at('Redis killed'), at('pod deleted')] };
  const second = { ...now, commit: 'ba9876543210', samples: [at('cut off')] };
  const text = generatedPart([first, second], [], 'performance');
  expect(text).toMatch(/\| measured +\| failover \(Redis killed, pod deleted\) +\| failover +\|/);
  expect(text).toMatch(/\| commit +\| `0123456789ab` +\| `ba9876543210` +\|/);
});

test('figures that are to be compared are not taken from two calls', async () => {
  const files = ['one.json', 'other.json'].map((name) => join(folder, name));
  for (const file of files) await (await ResultsBook.open(file, now, false)).add(samples);
  await expect(publish(files)).rejects.toThrow("'failover, Redis killed' is in two of the files");
});

test('the page says what follows from the figures', () => {
  const benchmark = catalogue.find(({ name }) => name === 'scale');
  if (benchmark === undefined) throw new Error('no scale benchmark');
  const asked = { benchmark: 'scale', subject: 'API server', measure: 'writes by agents' };
  const at = (event: string, value: number): Sample => ({
    ...{ ...asked, event, unit: '1/s', run: 1, value },
  });
  const results = { ...now, samples: [at('0 releases', 0), at('10 releases', 7)] };
  const text = generatedPart([results], [{ benchmark, charts: [] }], 'performance');
  expect(text).toContain('computed from 10');
  expect(text).toMatch(/\| API server \| writes by agents \| 1\/s +\| +0 \| +0.7 \| +700 \|/);
});

test('a chart is the same each time, and tells what it shows in words', async () => {
  const wish = { measures: ['write gap, Service'], axis: 'pause in milliseconds' };
  const [chart] = await chartsOf(samples, wish);
  const [again] = await chartsOf(samples, wish);
  expect(chart?.file).toBe('failover-redis-killed.svg');
  expect(chart?.svg).toContain('Redis killed');
  expect(chart?.svg).toContain('pause in milliseconds');
  expect(chart?.svg).toContain('sentinel 1 s');
  expect(again).toEqual(chart);
});
