import { expect, test } from '@jest/globals';
import { catalogue } from '../../../scripts/scenarios/catalogue.ts';
import { inOrderOfInstallation, partsOf } from '../../../scripts/scenarios/director.ts';
import { longestGapMs, type Outcome } from '../../../scripts/scenarios/outcome.ts';
import { objectionsOf, tableOf } from '../../../scripts/scenarios/report.ts';
import { scenarioIds } from '../../../scripts/scenarios/scenario.ts';

const everything = { isTestbed: true, isBrief: false };

const held: Outcome = {
  ...{ scenario: 'S3', case: 'pod killed', run: 1, strayMs: null, figures: {} },
  ...{ serviceGapMs: 1200, podsGapMs: 900, handOverGapsMs: [900], objections: [] },
  ...{ acknowledgedCount: 500, lostCount: 0 },
};

function write(atMs: number): Parameters<typeof longestGapMs>[0][number] {
  return { kind: 'acknowledged', n: 1, connection: 1, sentMs: atMs - 1, atMs };
}

test('every scenario of the list is in the catalogue, once and in order', () => {
  expect(catalogue.map(({ id }) => id)).toEqual([...scenarioIds]);
});

test('no two cases of a scenario have one name', () => {
  const names = partsOf(catalogue, everything).map(
    (part) => `${part.scenario.id} ${part.case.name}`,
  );
  expect(new Set(names).size).toBe(names.length);
});

test('without the testbed, scenarios that cut machines off or stop the API server are left out', () => {
  const ids = new Set(
    partsOf(catalogue, { ...everything, isTestbed: false }).map(({ scenario }) => scenario.id),
  );
  expect(ids.has('S10')).toBe(false);
  expect(ids.has('S13')).toBe(false);
  expect(ids.has('S3')).toBe(true);
});

test('cases that are installed equally follow each other, and none is left out', () => {
  const parts = partsOf(catalogue, everything);
  const ordered = inOrderOfInstallation(parts);
  expect(new Set(ordered)).toEqual(new Set(parts));
  const installs = ordered.map((part) => JSON.stringify(part.case.install ?? {}));
  const changes = installs.filter((install, index) => install !== installs[index - 1]).length;
  expect(changes).toBe(new Set(installs).size);
});

test('the gap is the longest time between two acknowledgements, and there is none of one', () => {
  expect(longestGapMs([write(10), write(15), write(130), write(131)])).toBe(115);
  expect(longestGapMs([write(10)])).toBeNull();
});

test('a case fails in the table when one of its runs does, and its lost writes are counted', () => {
  const failed = { ...held, run: 2, serviceGapMs: 1400, lostCount: 3, objections: ['no'] };
  const [, row] = tableOf([held, failed]).split('\n');
  expect(row).toMatch(
    /S3 +pod killed +2 +1200 \/ 1300 \/ 1400 +900 \/ 900 \/ 900 +1000 +3 +FAILS in 1/,
  );
  expect(objectionsOf([held, failed])).toBe('S3, pod killed, run 2:\n    no');
});

test('new clients may meet a replica while rules lag behind: the poll of S2 says for how long', () => {
  const [, row, poll] = tableOf([held, { ...held, strayMs: 40.4 }]).split('\n');
  expect(row).toMatch(/holds$/);
  expect(poll).toMatch(/^S2 .* 0 \/ 20 \/ 40 .*holds$/);
});

test('new clients that meet a replica for too long fail the poll of S2, not the case', () => {
  const stray = { ...held, strayMs: 3040.4 };
  const [, row, poll] = tableOf([stray]).split('\n');
  expect(row).toMatch(/holds$/);
  expect(poll).toMatch(/^S2 .*FAILS in 1$/);
  expect(objectionsOf([stray])).toContain('S3, pod killed, run 1: for 3040 ms');
  expect(objectionsOf([held])).toBe('');
});

test('the short form has a case of every scenario', () => {
  const short = partsOf(catalogue, { isTestbed: true, isBrief: true });
  expect(new Set(short.map(({ scenario }) => scenario.id))).toEqual(new Set(scenarioIds));
  expect(short.length).toBeLessThan(partsOf(catalogue, everything).length);
});
