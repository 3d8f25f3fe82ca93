import type { V1ObjectMeta, V1OwnerReference, V1Pod } from '@kubernetes/client-node';
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
  /** Seconds from its deletion to the end of its containers; `null` while it is not being deleted. */
  readonly graceSeconds: number | null;
  /** IP address, `null` before it has one. */
  readonly address: string | null;
}

/** A pod, or why there is none. */
export type PodResult = { readonly kind: 'ok'; readonly pod: PodFacts } | CallFailure;

/** Whether a pod has been deleted. */
export type Deletion =
  /** Seconds from its deletion to the end of its containers; 0 when the object is gone already. */
  | { readonly kind: 'deleted'; readonly graceSeconds: number }
  | { readonly kind: 'none' }
  /** The agent has no right to know, as when the release with its Role has been removed. */
  | { readonly kind: 'refused' }
  /** The API server did not say. It may the next time. */
  | { readonly kind: 'unknown' };

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

  /**
   * Whether the pod of that UID has been deleted, be it that another has its name by now; `null` while
   * nobody knows. Who may not ask is taken for the one that there is.
   */
  async isReplaced(uid: string): Promise<boolean | null> {
    const result = await this.read();
    if (result.kind === 'unreachable') return null;
    return result.kind === 'ok' ? result.pod.uid !== uid : result.kind === 'absent';
  }

  /** Whether the pod of that UID has been deleted, and how long it still has. */
  async deletion(uid: string): Promise<Deletion> {
    const result = await this.read();
    if (result.kind === 'absent') return { kind: 'deleted', graceSeconds: 0 };
    if (result.kind === 'refused') return { kind: 'refused' };
    if (result.kind !== 'ok') return { kind: 'unknown' };
    if (result.pod.uid !== uid) return { kind: 'deleted', graceSeconds: 0 };
    const { graceSeconds } = result.pod;
    return graceSeconds === null ? { kind: 'none' } : { kind: 'deleted', graceSeconds };
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
      graceSeconds: graceOf(metadata),
      address: status?.podIP ?? null,
    },
  };
}

function graceOf({ deletionTimestamp, deletionGracePeriodSeconds }: V1ObjectMeta): number | null {
  return deletionTimestamp === undefined ? null : (deletionGracePeriodSeconds ?? 0);
}

/**
 * The controller of the pod as owner of the agent's objects. They are not controlled by it, and the
 * deletion of the StatefulSet need not wait for them: that would need a permission more.
 */
function asOwner({ apiVersion, kind, name, uid }: V1OwnerReference): V1OwnerReference {
  return { apiVersion, kind, name, uid, controller: false, blockOwnerDeletion: false };
}
