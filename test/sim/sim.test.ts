import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { reasons, type Reason } from '../../agent/core/decision.ts';
import {
  apiOnly,
  oneFault,
  overruled,
  scaled,
  scaledInFaults,
  scaledStrictApart,
  strictSet,
  inherited,
} from './circumstances.ts';
import { Prng } from './prng.ts';
import { runSeed } from './run.ts';
import { drawOptions, type WorldOptions } from './swarm.ts';
import { real } from './variant.ts';
import { World } from './world.ts';

/** How many worlds are run, from which seed on; a long run sets both. */
const seeds = countIn('SIM_SEEDS', 20_000);
const firstSeed = countIn('SIM_FIRST_SEED', 1);

function countIn(name: string, otherwise: number): number {
  const value = process.env[name];
  if (value === undefined) return otherwise;
  const count = Number(value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new RangeError(`${name} (${value}) must be a whole number above 0`);
}

/** Reasons that no world reaches, and why not. */
const unreached: Partial<Record<Reason, string>> = {};

interface Report {
  readonly failures: readonly string[];
  readonly reasons: readonly Reason[];
}

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs worlds in a process of their own: a machine has more than one core. */
async function worlds(first: number, count: number): Promise<Report> {
  const args = [main, '--json', '--seed', String(first), '--seeds', String(count)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Report;
}

const reached = new Set<Reason>();

test('no fault makes two leaders, loses what must not be lost, or leaves the set without a leader', async () => {
  const half = Math.ceil(seeds / 2);
  const reports = await Promise.all([
    worlds(firstSeed, half),
    worlds(firstSeed + half, Math.max(1, seeds - half)),
  ]);
  for (const { reasons: some } of reports) for (const reason of some) reached.add(reason);
  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
}, 3_000_000);

function violationsIn(where: Partial<WorldOptions>, count: number): readonly string[] {
  const results = Array.from({ length: count }, (_, index) =>
    runSeed(1 + index, { ...real, where }),
  );
  return results.flatMap(({ seed, violation }) =>
    violation === null ? [] : [`seed ${seed}: ${violation.message}`],
  );
}

test('a leader that loses only the API server takes every write (I16)', () => {
  expect(violationsIn(apiOnly, 200)).toEqual([]);
}, 600_000);

test('one fault costs a guarded set no write that a replica has acknowledged (I3)', () => {
  expect(violationsIn(oneFault, 400)).toEqual([]);
}, 600_000);

test('no fault costs a strict set a write that a replica has acknowledged (I3)', () => {
  expect(violationsIn(strictSet, 400)).toEqual([]);
}, 600_000);

test('a leader that is named by hand is alone with its writes, but for one whom a member has promised to keep still for', () => {
  expect(violationsIn(overruled, 600)).toEqual([]);
}, 600_000);

test('a set that is scaled up and down loses no copy that only it had (I18)', () => {
  expect(violationsIn(scaled, 150)).toEqual([]);
}, 600_000);

test('a guarded set that is scaled up and down holds out while pods die (I6, I19)', () => {
  expect(violationsIn(scaledInFaults, 150)).toEqual([]);
}, 600_000);

test('a strict set that is scaled down counts who left until others have what they confirmed (I3)', () => {
  expect(violationsIn(scaledStrictApart, 300)).toEqual([]);
}, 600_000);

test('a new set does not begin with nothing while a pod that has data is still to come (I7)', () => {
  expect(violationsIn(inherited, 100)).toEqual([]);
}, 600_000);

test('every reason for a decision comes up in some world', () => {
  const missing = reasons.filter(
    (reason) => !reached.has(reason) && unreached[reason] === undefined,
  );
  expect(missing).toEqual([]);
  // An exception that is reached is none: the list must not hide what it once held.
  expect(
    reasons.filter((reason) => reached.has(reason) && unreached[reason] !== undefined),
  ).toEqual([]);
});

test('a seed is the same run each time', () => {
  for (const seed of [3, 14, 159]) {
    const [first, second] = [runSeed(seed, real, true), runSeed(seed, real, true)];
    expect(second.lines).toEqual(first.lines);
    expect(second.events).toBe(first.events);
  }
});

test('without faults nothing is lost, and one term is enough', () => {
  const quiet = {
    ...real,
    where: { faults: [], priorities: [], absent: 0, dnsLagMaxMs: 0 },
  };
  for (let seed = 1; seed <= 100; seed += 1) {
    const prng = new Prng(seed);
    const drawn = drawOptions(prng, quiet);
    const calm = {
      ...drawn,
      network: { delayMinMs: 0.2, delayMaxMs: 2, lossShare: 0 },
      api: { delayMinMs: 1, delayMaxMs: 10, lossShare: 0, watchDelayMaxMs: 10, staleShare: 0 },
    };
    const world = new World(calm, prng);
    world.run();
    expect({
      seed,
      lost: world.checker.data.ledger.lost,
      terms: world.checker.successions,
    }).toEqual({
      seed,
      lost: 0,
      terms: 1,
    });
  }
});
