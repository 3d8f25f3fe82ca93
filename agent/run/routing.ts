import type { RouteSight } from '../core/observation.ts';
import type { SliceStore } from '../kube/endpoint-slice.ts';

/** How long to leave the API server alone after it refused or did not answer. */
const retryDelayMs = 200;

/** The EndpointSlice of the leader Service as this agent last saw it, and the one write to it. */
export class Routing {
  readonly #store: SliceStore;
  readonly #address: string;
  readonly #onChange: () => void;
  sight: RouteSight | null = null;
  /** A write is on its way, or has just failed. */
  busy = false;

  constructor(store: SliceStore, address: string, onChange: () => void) {
    this.#store = store;
    this.#address = address;
    this.#onChange = onChange;
  }

  /** Points the Service at this pod, unless a higher term has pointed it elsewhere. */
  async route(term: number): Promise<boolean> {
    this.busy = true;
    const result = await this.#store.write({ term, address: this.#address });
    if (result.kind === 'ok' || result.kind === 'superseded') this.sight = result.route;
    else await pause();
    this.busy = false;
    this.#onChange();
    return result.kind === 'ok';
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, retryDelayMs);
  });
}
