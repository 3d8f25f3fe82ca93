import type { V1StatefulSet } from '@kubernetes/client-node';
import type { CallFailure, KubeClient } from './client.ts';

/** How many pods a StatefulSet is to have, or why nobody knows. */
export type ScaleResult = { readonly kind: 'ok'; readonly members: number } | CallFailure;

/** Reads the StatefulSet of the set. */
export class StatefulSetStore {
  readonly #client: KubeClient;
  readonly #path: string;

  /** @param where the StatefulSet. */
  constructor(client: KubeClient, where: { readonly namespace: string; readonly name: string }) {
    this.#client = client;
    const [namespace, name] = [where.namespace, where.name].map(encodeURIComponent);
    this.#path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/${name}`;
  }

  /** How many pods it is to have now: none when it is being deleted. */
  async read(): Promise<ScaleResult> {
    const result = await this.#client.request({ method: 'GET', path: this.#path });
    if (result.kind !== 'ok') return result;
    // Every StatefulSet that an API server returns has it; 1 is its default.
    const { metadata, spec } = result.value as V1StatefulSet;
    if (spec === undefined) return { kind: 'unreachable', cause: 'the answer is no StatefulSet' };
    const isDeleted = metadata?.deletionTimestamp !== undefined;
    return { kind: 'ok', members: isDeleted ? 0 : (spec.replicas ?? 1) };
  }
}
