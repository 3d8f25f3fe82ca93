import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiException,
  CoordinationV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  KubeConfig,
  type V1EndpointSlice,
  type V1Lease,
  type V1Pod,
} from '@kubernetes/client-node';
import type { ClusterChoice } from './cluster.ts';

/** An API server that has not answered by now is out of reach, in milliseconds. */
const answerMaxMs = 30_000;

/**
 * Reads from the API server what experiments wait for. They ask all the time, and each kubectl takes a
 * tenth of a second of a core from the machine that is measured.
 */
export class ClusterApi {
  readonly #namespace: string;
  readonly #core: CoreV1Api;
  readonly #coordination: CoordinationV1Api;
  readonly #discovery: DiscoveryV1Api;

  constructor({ kubeconfig, context }: ClusterChoice, namespace: string) {
    const config = new KubeConfig();
    if (kubeconfig === null) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    if (context !== null) config.setCurrentContext(context);
    this.#namespace = namespace;
    this.#core = config.makeApiClient(CoreV1Api);
    this.#coordination = config.makeApiClient(CoordinationV1Api);
    this.#discovery = config.makeApiClient(DiscoveryV1Api);
  }

  /** All pods with these labels. */
  async pods(labelSelector: string): Promise<V1Pod[]> {
    const namespace = this.#namespace;
    return (await inTime(this.#core.listNamespacedPod({ namespace, labelSelector }))).items;
  }

  /** A Lease, `null` when there is none. */
  lease(name: string): Promise<V1Lease | null> {
    const namespace = this.#namespace;
    return found(inTime(this.#coordination.readNamespacedLease({ name, namespace })));
  }

  /** An EndpointSlice, `null` when there is none. */
  slice(name: string): Promise<V1EndpointSlice | null> {
    const namespace = this.#namespace;
    return found(inTime(this.#discovery.readNamespacedEndpointSlice({ name, namespace })));
  }
}

async function found<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return null;
    throw error;
  }
}

/** The client itself would wait for ever. */
async function inTime<T>(reading: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const late = sleep(answerMaxMs, null, { signal: patience.signal }).then(() => {
    throw new Error(`the API server has not answered within ${answerMaxMs} ms`);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    patience.abort();
  }
}
