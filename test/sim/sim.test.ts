import { expect, test } from '@jest/globals';
import { reasons, type Reason } from '../../agent/core/decision.ts';
import { Prng } from './prng.ts';
import { runSeed } from './run.ts';
import { drawOptions } from './swarm.ts';
import { real } from './variant.ts';
import { World } from './world.ts';

/** How many worlds are run, from which seed on; a long run sets both. */
const seeds = countIn('SIM_SEEDS', 2000);
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

const reached = new Set<Reason>();

test('no fault makes two leaders, loses what must not be lost, or leaves the set without a leader', () => {
  const failures: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const result = runSeed(seed);
    for (const reason of result.reasons) reached.add(reason);
    if (result.violation === null) continue;
    failures.push(`${result.violation.message}; replay: npm run sim -- --seed ${seed}`);
  }
  expect(failures).toEqual([]);
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
