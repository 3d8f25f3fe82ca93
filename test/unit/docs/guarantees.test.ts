import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../../../scripts/environment.ts';

/** A sentence without its test would be a promise that nobody keeps. */
const page = readFileSync(join(root, 'docs/guarantees.md'), 'utf8').replaceAll(/\s+/g, ' ');

async function sources(pattern: string): Promise<string> {
  const texts: string[] = [];
  for await (const file of glob(pattern, { cwd: root })) {
    texts.push(readFileSync(join(root, file), 'utf8'));
  }
  return texts.join('\n').replaceAll(/\s+/g, ' ');
}

function named(pattern: RegExp): readonly string[] {
  const found = [...page.matchAll(pattern)].flatMap(([, name]) => name ?? []);
  expect(found.length).toBeGreaterThan(0);
  return [...new Set(found)];
}

test('every rule that the page names is checked by the simulator', async () => {
  const simulator = await sources('test/sim/*.ts');
  const unchecked = named(/`(I\d+)`/g).filter((rule) => !simulator.includes(`'${rule}'`));
  expect(unchecked).toEqual([]);
});

test('every scenario that the page names is played on a cluster', async () => {
  const scenarios = await sources('scripts/scenarios/s[0-9]*.ts');
  const unplayed = named(/`(S\d+)`/g).filter((name) => !scenarios.includes(`'${name}'`));
  expect(unplayed).toEqual([]);
});

test('every unit test that the page names is there', async () => {
  const units = await sources('test/unit/**/*.test.ts');
  const missing = named(/"([^"]+)"/g).filter((title) => !units.includes(`'${title}'`));
  expect(missing).toEqual([]);
});

test('every guarantee names what shows it', () => {
  const [, guarantees = ''] = /## What is guaranteed (.*?) ## /.exec(page) ?? [];
  const unshown = guarantees.split(/ (?=\d+\. \*\*)/).filter((one) => !/`[IS]\d+`/.test(one));
  expect(unshown).toEqual([]);
});
