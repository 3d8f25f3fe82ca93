import type { RouteSight } from '../core/observation.ts';
import type { SliceStore } from '../kube/endpoint-slice.ts';
import type { Log } from '../log.ts';

/** How long to leave the API server alone after it refused or did not answer. */
const retryDelayMs = 200;

/** What a route is written with. */
export interface RoutingOptions {
  readonly store: Pick<SliceStore, 'write'>;
  /** IP address of this pod. */
  readonly address: string;
  readonly log: Log;
  readonly onChange: () => void;
}

/** The EndpointSlice of the leader Service as this agent last saw it, and the one write to it. */
export class Routing {
  readonly #options: RoutingOptions;
  #failing = '';
  sight: RouteSight | null = null;
  /** A write is on its way, or has just failed. */
  busy = false;

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  /** Points the Service at this pod, unless a higher term has pointed it elsewhere. */
  async route(term: number): Promise<void> {
    const { store, address, log, onChange } = this.#options;
    this.busy = true;
    const result = await store.write({ term, address });
    if (result.kind === 'ok' || result.kind === 'superseded') {
      this.sight = result.route;
      this.#failing = '';
      log.info({ term, route: result.route }, `route-${result.kind}`);
    } else {
      this.#tellFailure(result);
      await pause();
    }
    this.busy = false;
    onChange();
  }

  /** Once for the same failure over and over. */
  #tellFailure(failure: object): void {
    const failing = JSON.stringify(failure);
    if (failing !== this.#failing) this.#options.log.warn({ failure }, 'route-failed');
    this.#failing = failing;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, retryDelayMs);
  });
}
