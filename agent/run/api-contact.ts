import type { MonotonicMs } from '../core/units.ts';
import type { CallFailure } from '../kube/client.ts';
import type { Log } from '../log.ts';
import type { Clock } from './clock.ts';
import { LastFault } from './last-fault.ts';

/** When the API server last answered, by the watch or by a write; and one line for each way it fails. */
export class ApiContact {
  readonly #clock: Clock;
  readonly #log: Log;
  #heardAtMs: MonotonicMs | null = null;
  readonly #lastFault = new LastFault();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** It answered. */
  heard(): void {
    this.#heardAtMs = this.#clock();
    this.#lastFault.clear();
  }

  /** The watch ended; it is begun again every second or so, and usually ends for the same cause. */
  watchFailed(failure: CallFailure): void {
    if (this.#lastFault.isNew(failure)) this.#log.warn({ failure }, 'lease-watch-failed');
  }

  /** Since the last answer; `null` before the first. */
  get silenceMs(): number | null {
    return this.#heardAtMs === null ? null : this.#clock() - this.#heardAtMs;
  }
}
