#!/usr/bin/env node
/**
 * Writes chart/README.md and chart/values.schema.json from the comments in chart/values.yaml,
 * docs/values-from-bitnami.md from that schema, and Chart.lock from chart/Chart.lock. With --check it writes nothing and fails when one is not up to
 * date.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, toolEnvironment } from './environment.ts';
import { pageOn } from './values-from-bitnami.ts';
import { schemaOf } from './values-schema.ts';
import type { Refused, Value } from './values-schema.ts';

const chart = join(root, 'chart');

/** What helm-docs makes of values.yaml with one of the chart's templates. */
function describe(template: string): string {
  const options = ['--chart-search-root', chart, '--chart-to-generate', chart, '--dry-run'];
  options.push('--template-files', template, '--sort-values-order', 'file', '--log-level', 'error');
  const limits = { encoding: 'utf8', timeout: 60_000, env: toolEnvironment() } as const;
  return execFileSync('helm-docs', options, limits);
}

function readValues(): readonly Value[] {
  const lines = describe('schema.gotmpl').split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Value);
}

function readme(refused: Refused): string {
  const rows = Object.entries(refused).map(([path, hint]) => `| \`${path}\` | ${hint} |`);
  return [
    describe('README.md.gotmpl').trim(),
    '',
    '| value | hint |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** The generated files, by their path from the root of the repository. */
function generate(): Readonly<Record<string, string>> {
  const text = readFileSync(join(chart, 'refused-values.json'), 'utf8');
  const refused = JSON.parse(text) as Refused;
  const values = readValues();
  const bare = values.filter((value) => value.meaning === '').map((value) => value.path);
  if (bare.length > 0) throw new Error(`values.yaml says nothing about ${bare.join(', ')}`);
  const schema = schemaOf(values, refused);
  const keys = readFileSync(join(root, 'test/chart/bitnami-keys.json'), 'utf8');
  return {
    'chart/README.md': readme(refused),
    'chart/values.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'docs/values-from-bitnami.md': pageOn(JSON.parse(keys) as readonly string[], schema),
    'Chart.lock': readFileSync(join(chart, 'Chart.lock'), 'utf8'),
  };
}

function main(arguments_: readonly string[]): number {
  const [option, ...rest] = arguments_;
  if ((option !== undefined && option !== '--check') || rest.length > 0) {
    console.error(`scripts/docs.ts takes --check or nothing, not ${arguments_.join(' ')}`);
    return 2;
  }
  const stale = Object.entries(generate()).filter(
    ([path, text]) => readFileOr(join(root, path), '') !== text,
  );
  for (const [path, text] of stale) {
    if (option === '--check') console.error(`${path} is not up to date: run node scripts/docs.ts`);
    else writeFileSync(join(root, path), text);
  }
  return option === '--check' && stale.length > 0 ? 1 : 0;
}

function readFileOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw thrown;
  }
}

process.exitCode = main(process.argv.slice(2));
