import { CoordinationV1Api, type V1Lease } from '@kubernetes/client-node';
import type { CallFailure, CallLimits, CallResult, KubeClient } from './client.ts';
import { withTimes } from './lease-object.ts';

/** Which Lease. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** A Lease as the API server returned it, or why there is none. */
export type LeaseResult = { readonly kind: 'ok'; readonly lease: V1Lease } | CallFailure;

/** Reads and writes one Lease. What it means is not known here. */
export class LeaseStore {
  readonly #client: KubeClient;
  readonly #api: CoordinationV1Api;
  readonly #where: LeaseName;

  /** @param where the Lease that all methods are about. */
  constructor(client: KubeClient, where: LeaseName) {
    this.#client = client;
    this.#api = client.api(CoordinationV1Api);
    this.#where = where;
  }

  /** Reads the Lease, as fresh as the store itself. */
  async get(limits?: CallLimits): Promise<LeaseResult> {
    const { namespace, name } = this.#where;
    return leaseIn(
      await this.#client.call(
        (options) => this.#api.readNamespacedLease({ namespace, name }, options),
        limits,
      ),
    );
  }

  /** Creates the Lease, which must have the right name; `conflict` when it exists. */
  async create(lease: V1Lease, limits?: CallLimits): Promise<LeaseResult> {
    const { namespace } = this.#where;
    return leaseIn(
      await this.#client.call(
        (options) => this.#api.createNamespacedLease({ namespace, body: lease }, options),
        limits,
      ),
    );
  }

  /**
   * Replaces the Lease if it still is the version that `lease.metadata.resourceVersion` names;
   * `conflict` when it is not. Refuses to write without a version: that would overwrite anybody.
   */
  async update(lease: V1Lease, limits?: CallLimits): Promise<LeaseResult> {
    const { namespace, name } = this.#where;
    if (lease.metadata?.resourceVersion === undefined) return { kind: 'conflict' };
    return leaseIn(
      await this.#client.call(
        (options) => this.#api.replaceNamespacedLease({ namespace, name, body: lease }, options),
        limits,
      ),
    );
  }
}

function leaseIn(result: CallResult<V1Lease>): LeaseResult {
  return result.kind === 'ok' ? { kind: 'ok', lease: withTimes(result.value) } : result;
}
