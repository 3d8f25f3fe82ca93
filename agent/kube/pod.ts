import type { V1OwnerReference, V1Pod } from '@kubernetes/client-node';
import type { CallFailure, CallResult, KubeClient } from './client.ts';

/** The label by which people and the replicas' Service tell the roles apart. */
const roleLabel = 'regent.dev/role';

/** What the agent has to know of its own pod. */
export interface PodFacts {
  readonly uid: string;
  /** The machine, `null` before the pod is scheduled. */
  readonly nodeName: string | null;
  /** The StatefulSet, for what should be deleted with it; `null` when nothing controls the pod. */
  readonly owner: V1OwnerReference | null;
  /** The pod is being deleted. */
  readonly isEnding: boolean;
  /** IP address, `null` before it has one. */
  readonly address: string | null;
}

/** A pod, or why there is none. */
export type PodResult = { readonly kind: 'ok'; readonly pod: PodFacts } | CallFailure;

/** Reads one pod; labels it, when it is the own one. */
export class PodStore {
  readonly #client: KubeClient;
  readonly #path: string;

  /** @param where the pod that all methods are about. */
  constructor(client: KubeClient, where: { readonly namespace: string; readonly name: string }) {
    this.#client = client;
    const [namespace, name] = [where.namespace, where.name].map(encodeURIComponent);
    this.#path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  }

  /** Reads the pod as it is now. */
  async read(timeoutMs?: number): Promise<PodResult> {
    const limits = timeoutMs === undefined ? {} : { timeoutMs };
    return factsIn(await this.#client.request({ method: 'GET', path: this.#path }, limits));
  }

  /** Labels the pod. Changes nothing else, so that no other writer is in the way. */
  async setRole(role: 'primary' | 'replica'): Promise<PodResult> {
    return factsIn(
      await this.#client.request({
        method: 'PATCH',
        path: this.#path,
        body: { metadata: { labels: { [roleLabel]: role } } },
        contentType: 'application/merge-patch+json',
      }),
    );
  }
}

function factsIn(result: CallResult<unknown>): PodResult {
  if (result.kind !== 'ok') return result;
  // The fields below are in every pod that an API server returns; the rest is not looked at.
  const { metadata, spec, status } = result.value as V1Pod;
  if (metadata?.uid === undefined) return { kind: 'unreachable', cause: 'the answer is no pod' };
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true) ?? null;
  return {
    kind: 'ok',
    pod: {
      uid: metadata.uid,
      nodeName: spec?.nodeName ?? null,
      owner: owner === null ? null : asOwner(owner),
      isEnding: metadata.deletionTimestamp !== undefined,
      address: status?.podIP ?? null,
    },
  };
}

/**
 * The controller of the pod as owner of the agent's objects. They are not controlled by it, and the
 * deletion of the StatefulSet need not wait for them: that would need a permission more.
 */
function asOwner({ apiVersion, kind, name, uid }: V1OwnerReference): V1OwnerReference {
  return { apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: false };
}
