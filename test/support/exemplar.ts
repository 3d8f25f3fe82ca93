import type { Action } from '../../agent/core/decision.ts';
import type { Situation } from './turn.ts';

/** A situation, and what the agent has to do in it. */
export interface Exemplar extends Situation {
  readonly action: Action['kind'];
}
