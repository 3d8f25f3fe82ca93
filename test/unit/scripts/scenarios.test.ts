import { expect, test } from '@jest/globals';
import { catalogue } from '../../../scripts/scenarios/catalogue.ts';
import { partsOf } from '../../../scripts/scenarios/director.ts';
import { longestGapMs, longestStrayMs, type Outcome } from '../../../scripts/scenarios/outcome.ts';
import { objectionsOf, tableOf } from '../../../scripts/scenarios/report.ts';
import { isDisturbing, scenarioIds } from '../../../scripts/scenarios/scenario.ts';
import { Queue } from '../../../scripts/scenarios/theatre.ts';

const everything = { isTestbed: true, isBrief: false };

const held: Outcome = {
  ...{ scenario: 'S3', case: 'pod killed', run: 1, strayMs: null, figures: {} },
  ...{ serviceGapMs: 1200, podsGapMs: 900, handOverGapsMs: [900], objections: [] },
  ...{ acknowledgedCount: 500, lostCount: 0 },
};

function write(atMs: number): Parameters<typeof longestGapMs>[0][number] {
  return { kind: 'acknowledged', n: 1, connection: 1, sentMs: atMs - 1, atMs };
}

test.each<[string, [number, string][], [number, number][], number | null]>([
  ['not at all', [[0, 'master']], [[10, 90]], null],
  [
    'all the time while another leads',
    [
      [0, 'master'],
      [100, 'slave'],
      [400, 'master'],
    ],
    [],
    300,
  ],
  [
    'after the other has begun to lead',
    [
      [0, 'slave'],
      [4000, 'master'],
    ],
    [[-600, 3300]],
    700,
  ],
  [
    'not while nobody leads',
    [
      [0, 'unreachable'],
      [500, 'slave'],
      [3800, 'master'],
    ],
    [[0, 3900]],
    null,
  ],
  [
    'for the longest time',
    [
      [0, 'slave'],
      [50, 'master'],
      [100, 'slave'],
      [180, 'master'],
    ],
    [],
    80,
  ],
])('new connections stray to a replica %s', (_, answers, gaps, strayMs) => {
  const answered = answers.map(([atMs, role]) => ({ role, atMs }));
  const between = gaps.map(([fromMs, atMs]) => ({ fromMs, atMs }));
  expect(longestStrayMs(answered, between)).toBe(strayMs);
});

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

test('cases that disturb others are taken when nothing else is left, and equal installations stay together', () => {
  const showings = partsOf(catalogue, everything).map((part) => ({ part, run: 1 }));
  const queue = new Queue(showings);
  const taken = [];
  let installed: string | null = null;
  let changes = 0;
  for (;;) {
    const next = queue.takePeaceful(installed);
    if (next === undefined) break;
    const install = JSON.stringify(next.part.case.install ?? {});
    if (install !== installed) changes += 1;
    installed = install;
    taken.push(next);
  }
  expect(taken.some(({ part }) => isDisturbing(part.case))).toBe(false);
  const installs = new Set(taken.map(({ part }) => JSON.stringify(part.case.install ?? {})));
  expect(changes).toBe(installs.size);
  const left = [];
  for (let next = queue.takeAny(null); next !== undefined; next = queue.takeAny(null)) {
    left.push(next);
  }
  expect(left.every(({ part }) => isDisturbing(part.case))).toBe(true);
  const names = new Set(left.map(({ part }) => part.scenario.id));
  expect(names.has('S10') && names.has('S13') && names.has('S4')).toBe(true);
  expect(new Set([...taken, ...left])).toEqual(new Set(showings));
});

test('cases that go through one fault are taken together, as many as there are sets', () => {
  const showings = partsOf(catalogue, everything).map((part) => ({ part, run: 1 }));
  const queue = new Queue(showings);
  const groups = [];
  for (let group = queue.takeTogether(2); group.length > 0; group = queue.takeTogether(2)) {
    groups.push(group);
  }
  expect(groups.every((group) => group.length <= 2)).toBe(true);
  for (const group of groups) {
    expect(new Set(group.map(({ part }) => part.case.together)).size).toBe(1);
  }
  const away = showings.filter(({ part }) => part.scenario.id === 'S13');
  expect(new Set(groups.flat())).toEqual(new Set(away));
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
