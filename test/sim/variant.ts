import { judgedLog } from '../../agent/core/append-log.ts';
import { decide } from '../../agent/core/decide.ts';
import type { Confirmation } from '../../agent/core/observation.ts';
import { promiseFor } from '../../agent/core/promise.ts';
import type { Timing } from '../../agent/core/timing.ts';
import type { MonotonicMs } from '../../agent/core/units.ts';
import type { WorldOptions } from './swarm.ts';

/** What the agents of a world run: the real core, or one with a planted bug. */
export interface Variant {
  readonly decide: typeof decide;
  /** What the shell notes of an own write whose confirmation came at `nowMs`. */
  readonly confirmation: (sent: Confirmation, nowMs: MonotonicMs) => Confirmation;
  /** Since when the shell says that the Lease is as it is, at the first look of a process. */
  readonly firstSeenAt: (nowMs: MonotonicMs, timing: Timing) => MonotonicMs;
  /** When the question left that the shell notes with a promise. */
  readonly grantedAt: (sentAtMs: MonotonicMs, nowMs: MonotonicMs) => MonotonicMs;
  /** What a member answers to a leader that asks for a promise. */
  readonly promiseFor: typeof promiseFor;
  /** Whether the log on the disk is that of the data, as the shell sees it before a note. */
  readonly judgedLog: typeof judgedLog;
  /** Whether the pod of a name is another than the own. */
  readonly isReplaced: (own: string, present: string) => boolean;
  /** Whether a pod that asks is another than the one that is known by its name. */
  readonly isAnotherPod: (known: string, asking: string) => boolean;
  /** The timing that agents run with, where the checker holds them to the given one. */
  readonly timing: (given: Timing) => Timing;
  /** Circumstances that are not drawn. */
  readonly where?: Partial<WorldOptions>;
}

/** The agent as it is. */
export const real: Variant = {
  decide,
  confirmation: ({ term, sentAtMs }) => ({ term, sentAtMs }),
  firstSeenAt: (nowMs) => nowMs,
  grantedAt: (sentAtMs) => sentAtMs,
  promiseFor,
  judgedLog,
  isReplaced: (own, present) => own !== present,
  isAnotherPod: (known, asking) => known !== asking,
  timing: (given) => given,
};
