import type { V1Lease } from '@kubernetes/client-node';
import type { LeaseResult } from '../../../agent/kube/lease-store.ts';

/** One Lease in memory with the API server's compare-and-swap. */
export class OneLease {
  lease: V1Lease | null = null;
  /** What happens to the next write instead of an answer. */
  fault: 'lost-request' | 'lost-answer' | null = null;
  /** Called when a write has arrived, before it is answered. */
  onArrival: () => void = () => undefined;
  #version = 0;

  get(): Promise<LeaseResult> {
    const { lease } = this;
    return Promise.resolve(lease === null ? { kind: 'absent' } : { kind: 'ok', lease });
  }

  create(lease: V1Lease): Promise<LeaseResult> {
    return this.#write(lease, this.lease === null);
  }

  update(lease: V1Lease): Promise<LeaseResult> {
    const version = this.lease?.metadata?.resourceVersion;
    return this.#write(lease, version === lease.metadata?.resourceVersion);
  }

  #write(lease: V1Lease, isCurrent: boolean): Promise<LeaseResult> {
    this.onArrival();
    const fault = this.fault;
    this.fault = null;
    if (fault === 'lost-request') return Promise.resolve({ kind: 'unreachable', cause: 'lost' });
    if (!isCurrent) return Promise.resolve({ kind: 'conflict' });
    this.#version += 1;
    const metadata = Object.assign({}, lease.metadata, { resourceVersion: String(this.#version) });
    this.lease = Object.assign({}, lease, { metadata });
    if (fault === 'lost-answer') return Promise.resolve({ kind: 'unreachable', cause: 'lost' });
    return Promise.resolve({ kind: 'ok', lease: this.lease });
  }
}
