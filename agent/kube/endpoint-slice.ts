import {
  DiscoveryV1Api,
  type V1EndpointSlice,
  type V1ObjectMeta,
  type V1OwnerReference,
} from '@kubernetes/client-node';
import type { CallFailure, CallResult, KubeClient } from './client.ts';

/** Where the leader Service points, and by whose decision. */
export interface Route {
  /** The term in which it was written; 0 when nobody wrote one. */
  readonly term: number;
  /** IP address of the pod, `null` when the slice names none. */
  readonly address: string | null;
}

/** A port of the leader Service. */
export interface RoutePort {
  /** As in the Service. */
  readonly name: string;
  readonly port: number;
}

/** Which slice, and what in it never changes. */
export interface SliceOptions {
  readonly namespace: string;
  /** The Service that it belongs to; the slice is named `<service>-regent`. */
  readonly service: string;
  readonly ports: readonly RoutePort[];
  /** The own pod, which the slice names as its target. */
  readonly pod: { readonly name: string; readonly uid: string; readonly nodeName: string | null };
  /** Further labels, as the chart gives them to its objects. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whom the slice goes with when it is deleted. */
  readonly owner: V1OwnerReference | null;
}

/** What became of a write. */
export type RouteResult =
  | { readonly kind: 'ok'; readonly route: Route }
  /** A higher term has written there: nothing was changed. */
  | { readonly kind: 'superseded'; readonly route: Route }
  | CallFailure;

/** The slice as last seen, `null` when there was none. */
export type RouteReading = { readonly kind: 'ok'; readonly route: Route | null } | CallFailure;

/** What makes the slice the Service's. */
const serviceLabel = 'kubernetes.io/service-name';
/** The annotation with the term. */
const termAnnotation = 'regent.dev/term';

/** A write that lost against others so often gives up: somebody fights over the slice. */
const triesMax = 5;

/**
 * The EndpointSlice of the leader Service. A selector-less Service goes where its slice says, so
 * that the one who leads moves all clients with one write.
 *
 * Each write is a compare-and-swap, and a slice of a higher term is left alone: an agent that was
 * asleep while another took over cannot steal the clients back when it wakes.
 */
export class SliceStore {
  readonly #client: KubeClient;
  readonly #api: DiscoveryV1Api;
  readonly #options: SliceOptions;
  /** The object as last seen: an ordinary write needs no read before. */
  #seen: V1EndpointSlice | null = null;

  /** @param options the slice that all methods are about. */
  constructor(client: KubeClient, options: SliceOptions) {
    this.#client = client;
    this.#api = client.api(DiscoveryV1Api);
    this.#options = options;
  }

  /** Name of the slice. */
  get name(): string {
    return `${this.#options.service}-regent`;
  }

  /** Reads the slice, and remembers it for the next write. */
  async read(): Promise<RouteReading> {
    const { namespace } = this.#options;
    const result = await this.#client.call((options) =>
      this.#api.readNamespacedEndpointSlice({ namespace, name: this.name }, options),
    );
    if (result.kind === 'absent') this.#seen = null;
    if (result.kind === 'absent') return { kind: 'ok', route: null };
    if (result.kind !== 'ok') return result;
    this.#seen = result.value;
    const route = routeOf(result.value);
    // A slice that was changed by hand leads clients astray, even with the right address in it.
    return {
      kind: 'ok',
      route: this.#isIntact(result.value) ? route : { ...route, address: null },
    };
  }

  /** Whether the slice, but for its address, says what this agent would write. */
  #isIntact({ metadata, endpoints, ports }: V1EndpointSlice): boolean {
    // Not by defaults: the API server sends `null` for a list without entries, whatever the type says.
    const [endpoint, ...others] = endpoints ?? [];
    const wanted = this.#options.ports.map(({ name, port }) => `${name} ${port}`);
    const found = (ports ?? []).map(({ name, port }) => `${name ?? ''} ${port ?? ''}`);
    return (
      endpoint?.conditions?.ready === true &&
      endpoint.addresses.length === 1 &&
      others.length === 0 &&
      found.join() === wanted.join() &&
      metadata?.labels?.[serviceLabel] === this.#options.service
    );
  }

  /** Points the Service at `route.address`, unless a higher term has pointed it elsewhere. */
  async write(route: Route & { readonly address: string }): Promise<RouteResult> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const there = this.#seen === null ? null : routeOf(this.#seen);
      if (there !== null && there.term > route.term) return { kind: 'superseded', route: there };
      const result = await this.#put(this.#sliceFor(route));
      if (result.kind === 'ok') {
        this.#seen = result.value;
        return { kind: 'ok', route };
      }
      if (result.kind !== 'conflict' && result.kind !== 'absent') return result;
      // Somebody changed, created or deleted it since we saw it.
      const reading = await this.read();
      if (reading.kind !== 'ok') return reading;
    }
    return { kind: 'conflict' };
  }

  #put(body: V1EndpointSlice): Promise<CallResult<V1EndpointSlice>> {
    const { namespace } = this.#options;
    const name = this.name;
    return this.#client.call((options) =>
      this.#seen === null
        ? this.#api.createNamespacedEndpointSlice({ namespace, body }, options)
        : this.#api.replaceNamespacedEndpointSlice({ namespace, name, body }, options),
    );
  }

  #sliceFor({ term, address }: Route & { readonly address: string }): V1EndpointSlice {
    const { namespace, pod, ports } = this.#options;
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: this.#metadataFor(term),
      addressType: address.includes(':') ? 'IPv6' : 'IPv4',
      endpoints: [
        {
          addresses: [address],
          conditions: { ready: true, serving: true, terminating: false },
          ...(pod.nodeName === null ? {} : { nodeName: pod.nodeName }),
          targetRef: { kind: 'Pod', namespace, name: pod.name, uid: pod.uid },
        },
      ],
      ports: ports.map(({ name, port }) => ({ name, port, protocol: 'TCP' })),
    };
  }

  #metadataFor(term: number): V1ObjectMeta {
    const { namespace, service, owner, labels } = this.#options;
    const there = this.#seen?.metadata;
    const revision = there?.resourceVersion;
    return {
      name: this.name,
      namespace,
      ...(revision === undefined ? {} : { resourceVersion: revision }),
      labels: {
        ...there?.labels,
        ...labels,
        [serviceLabel]: service,
        'endpointslice.kubernetes.io/managed-by': 'regent',
      },
      annotations: { ...there?.annotations, [termAnnotation]: String(term) },
      ...(owner === null ? {} : { ownerReferences: [owner] }),
    };
  }
}

function routeOf(slice: V1EndpointSlice): Route {
  const term = Number(slice.metadata?.annotations?.[termAnnotation] ?? 0);
  return {
    // What somebody wrote by hand counts as written by nobody, and is written over.
    term: Number.isSafeInteger(term) && term > 0 ? term : 0,
    address: slice.endpoints?.[0]?.addresses[0] ?? null,
  };
}
