import { expect, test } from '@jest/globals';
import { variantOf } from './mutant.ts';
import { mutants } from './mutants.ts';
import { runSeed } from './run.ts';
import { real } from './variant.ts';

/** A bug that hides in so many worlds is one that the simulator does not find. */
const seedsMax = 5000;

/** Worlds in which the real core is tried in the circumstances of a mutant. */
const realSeeds = 100;

test.each(mutants)(
  'an agent that $name is caught',
  async (mutant) => {
    const variant = await variantOf(mutant);
    let caught: string | null = null;
    for (let seed = 1; seed <= seedsMax && caught === null; seed += 1) {
      caught = runSeed(seed, variant).violation?.rule ?? null;
    }
    expect(mutant.caughtBy).toContain(caught);
  },
  600_000,
);

test.each(mutants.filter(({ where }) => where !== undefined))(
  'the agent as it is holds out where one that $name would not',
  ({ where }) => {
    for (let seed = 1; seed <= realSeeds; seed += 1) {
      const { violation } = runSeed(seed, { ...real, ...(where === undefined ? {} : { where }) });
      expect({ seed, violation }).toEqual({ seed, violation: null });
    }
  },
  600_000,
);
