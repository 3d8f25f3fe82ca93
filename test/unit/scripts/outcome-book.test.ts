import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutcomeBook } from '../../../scripts/scenarios/outcome-book.ts';
import type { Outcome } from '../../../scripts/scenarios/outcome.ts';

const played: Outcome = {
  ...{ scenario: 'S3', case: 'pod killed', run: 1, strayMs: null, figures: {} },
  ...{ serviceGapMs: 1200, podsGapMs: 900, handOverGapsMs: [900], objections: [] },
  ...{ acknowledgedCount: 500, lostCount: 0 },
};

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regent-book-'));
  file = join(folder, 'runs.json');
});

afterEach(() => rm(folder, { recursive: true }));

test('a book is in its file after each run, and can be gone on with', async () => {
  const book = await OutcomeBook.open(file, false);
  await book.add(played);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([played]);
  const resumed = await OutcomeBook.open(file, true);
  expect(resumed.has({ scenario: 'S3', case: 'pod killed', run: 1 })).toBe(true);
  expect(resumed.has({ scenario: 'S3', case: 'pod killed', run: 2 })).toBe(false);
  await Promise.all([resumed.add({ ...played, run: 2 }), resumed.add({ ...played, run: 3 })]);
  expect((await OutcomeBook.open(file, true)).outcomes).toHaveLength(3);
});

test('runs that are there are not written over unless that is meant', async () => {
  const book = await OutcomeBook.open(file, false);
  await book.add(played);
  await expect(OutcomeBook.open(file, false)).rejects.toThrow('--resume adds what they lack');
  expect(JSON.parse(await readFile(file, 'utf8'))).toHaveLength(1);
});

test.each(['{}', 'no JSON', '[{"run": 1}]'])('%s is no file of runs', async (text) => {
  await writeFile(file, text);
  await expect(OutcomeBook.open(file, true)).rejects.toThrow('does not hold runs');
  expect(await readFile(file, 'utf8')).toBe(text);
});
