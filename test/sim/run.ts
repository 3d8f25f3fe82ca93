import type { Reason } from '../../agent/core/decision.ts';
import { Prng } from './prng.ts';
import { drawOptions, type WorldOptions } from './swarm.ts';
import { real, type Variant } from './variant.ts';
import { Violation } from './violation.ts';
import { World, type TraceLine } from './world.ts';

/** What became of one run. */
export interface RunResult {
  readonly seed: number;
  readonly options: WorldOptions;
  /** `null` when all rules held. */
  readonly violation: { readonly rule: string; readonly message: string } | null;
  readonly reasons: ReadonlySet<Reason>;
  readonly lines: readonly TraceLine[];
  readonly events: number;
  readonly successions: number;
  readonly lost: number;
  /** It ended with data that no agent may lead with. */
  readonly needsOperator: boolean;
}

/** Runs the world of a seed; `isTraced` costs time and memory. */
export function runSeed(seed: number, variant: Variant = real, isTraced = false): RunResult {
  const prng = new Prng(seed);
  const options = drawOptions(prng, variant);
  const world = new World(options, prng, isTraced);
  const violation = violationOf(world);
  const { reasons, lines, events, checker } = world;
  const { successions, needsOperator } = checker;
  const found = { violation, reasons, lines, events, successions, needsOperator };
  return { seed, options, ...found, lost: checker.data.ledger.lost };
}

function violationOf(world: World): RunResult['violation'] {
  try {
    world.run();
    return null;
  } catch (thrown) {
    if (thrown instanceof Violation) return { rule: thrown.rule, message: thrown.message };
    // The core asserts what it relies on: that is a finding, not a broken simulator.
    if (thrown instanceof Error && thrown.message.startsWith('INVARIANT')) {
      return { rule: 'assert', message: thrown.message };
    }
    throw thrown;
  }
}
