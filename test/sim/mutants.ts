import type { Mutant } from './mutant.ts';
import { choiceMutants } from './mutants/choice.ts';
import { dataMutants } from './mutants/data.ts';
import { guardMutants } from './mutants/guard.ts';
import { leadershipMutants } from './mutants/leadership.ts';
import { sizeMutants } from './mutants/size.ts';

/**
 * The rules of the core, one taken away at a time. Each has to be caught: a simulator that does not
 * miss a rule says nothing about it either.
 */
export const mutants: readonly Mutant[] = [
  ...leadershipMutants,
  ...dataMutants,
  ...guardMutants,
  ...choiceMutants,
  ...sizeMutants,
];
