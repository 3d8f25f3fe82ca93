import type { ScaleSight } from '../core/observation.ts';
import { after, monotonic, type MonotonicMs } from '../core/units.ts';
import type { StatefulSetStore } from '../kube/stateful-set.ts';
import type { Log } from '../log.ts';
import { LastFault } from './last-fault.ts';

/** What the scale is read with. */
export interface ScaleOptions {
  readonly store: Pick<StatefulSetStore, 'read'>;
  /** How often it is read again while somebody needs it. */
  readonly reviewPeriodMs: number;
  readonly log: Log;
  readonly onChange: () => void;
}

/** How many pods the StatefulSet is to have, as this agent last read it. */
export class Scale {
  readonly #options: ScaleOptions;
  readonly #lastFault = new LastFault();
  sight: ScaleSight | null = null;
  #reviewedAtMs = monotonic(-Infinity);
  #isReviewing = false;

  constructor(options: ScaleOptions) {
    this.#options = options;
  }

  /** Reads it again when that is due. */
  async review(nowMs: MonotonicMs): Promise<void> {
    const { store, reviewPeriodMs, log, onChange } = this.#options;
    if (this.#isReviewing || nowMs < after(this.#reviewedAtMs, reviewPeriodMs)) return;
    this.#isReviewing = true;
    this.#reviewedAtMs = nowMs;
    const result = await store.read();
    this.#isReviewing = false;
    if (result.kind !== 'ok') {
      if (this.#lastFault.isNew(result)) log.warn({ failure: result }, 'stateful-set-not-read');
      // It is gone, or may not be read any more: what was known of it holds no longer.
      if (result.kind !== 'unreachable') this.sight = null;
      return;
    }
    this.#lastFault.clear();
    const before = this.sight;
    this.sight = { members: result.members, askedAtMs: nowMs };
    if (before?.members !== result.members) onChange();
  }
}
