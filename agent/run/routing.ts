import type { RouteSight } from '../core/observation.ts';
import { after, monotonic, never, type MonotonicMs } from '../core/units.ts';
import type { SliceStore } from '../kube/endpoint-slice.ts';
import type { Log } from '../log.ts';
import type { Clock } from './clock.ts';
import { LastFault } from './last-fault.ts';

/** How long to leave the API server alone after it refused or did not answer. */
const retryDelayMs = 200;

/** How long a new leader may take to write its slice, and its clients to come: then it is read. */
const prepareDelayMs = 2000;

/** A slice that is not there. */
const nowhere: RouteSight = { term: 0, address: null };

/** What a route is written with. */
export interface RoutingOptions {
  readonly store: Pick<SliceStore, 'read' | 'write'>;
  /** How often the slice is read again while this agent leads. */
  readonly reviewPeriodMs: number;
  /** IP address of this pod. */
  readonly address: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each write that succeeded, and how long it took. */
  readonly onRouted: (durationMs: number) => void;
  readonly onChange: () => void;
}

/** The EndpointSlice of the leader Service as this agent last saw it, and the one write to it. */
export class Routing {
  readonly #options: RoutingOptions;
  readonly #lastFault = new LastFault();
  sight: RouteSight | null = null;
  #reviewedAtMs = monotonic(-Infinity);
  #isReviewing = false;
  #preparedTerm = 0;
  #prepareAtMs = never;
  /** A write is on its way, or has just failed. */
  busy = false;

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  /** Points the Service at this pod, unless a higher term has pointed it elsewhere. */
  async route(term: number): Promise<void> {
    const { store, address, clock, log, onRouted, onChange } = this.#options;
    const sentAtMs = clock();
    this.busy = true;
    const result = await store.write({ term, address });
    if (result.kind === 'ok') onRouted(clock() - sentAtMs);
    if (result.kind === 'ok' || result.kind === 'superseded') {
      this.sight = result.route;
      this.#reviewedAtMs = clock();
      this.#lastFault.clear();
      log.info({ term, route: result.route }, `route-${result.kind}`);
    } else {
      this.#tellFailure(result);
      await pause();
    }
    this.busy = false;
    onChange();
  }

  /**
   * Reads the slice again when that is due: somebody may have deleted or changed it. For the leader
   * alone, which is the only one who would mend it.
   */
  async review(nowMs: MonotonicMs): Promise<void> {
    const { store, reviewPeriodMs, onChange } = this.#options;
    if (this.busy || this.#isReviewing || nowMs < after(this.#reviewedAtMs, reviewPeriodMs)) return;
    this.#isReviewing = true;
    this.#reviewedAtMs = nowMs;
    const before = this.sight;
    const result = await store.read();
    this.#isReviewing = false;
    // A write that has ended meanwhile knows better.
    if (result.kind !== 'ok' || this.sight !== before) return;
    this.sight = result.route ?? nowhere;
    if (before === null || !isSame(this.sight, before)) onChange();
  }

  /**
   * For a follower, once for each term: reads the slice as the leader has left it, so that its own
   * write needs no read before, should it lead next. What is read is for that write alone.
   */
  prepareFor(term: number, nowMs: MonotonicMs): void {
    if (term !== this.#preparedTerm) {
      this.#preparedTerm = term;
      this.#prepareAtMs = after(nowMs, prepareDelayMs);
    }
    if (nowMs < this.#prepareAtMs) return;
    this.#prepareAtMs = never;
    this.prepare();
  }

  /** The same at once. */
  prepare(): void {
    if (!this.busy && !this.#isReviewing) void this.#options.store.read();
  }

  /** Once for the same failure over and over. */
  #tellFailure(failure: object): void {
    if (this.#lastFault.isNew(failure)) this.#options.log.warn({ failure }, 'route-failed');
  }
}

function isSame(a: RouteSight, b: RouteSight): boolean {
  return a.term === b.term && a.address === b.address;
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, retryDelayMs);
  });
}
