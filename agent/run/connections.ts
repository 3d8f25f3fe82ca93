import type { V1ObjectMeta } from '@kubernetes/client-node';
import { AgentError } from '../errors.ts';
import { PeerClient } from '../http/peer.ts';
import { KubeClient } from '../kube/client.ts';
import { SliceStore } from '../kube/endpoint-slice.ts';
import { Events } from '../kube/events.ts';
import { LeaseStore } from '../kube/lease-store.ts';
import { PodStore, type PodFacts } from '../kube/pod.ts';
import { StatefulSetStore } from '../kube/stateful-set.ts';
import type { Log } from '../log.ts';
import { Certificates } from './certificates.ts';
import type { RunOptions } from './run-options.ts';

/** Everything outside this process that the agent talks to, but its own Redis. */
export interface Connections {
  readonly kube: KubeClient;
  readonly leases: LeaseStore;
  readonly slices: SliceStore;
  readonly statefulSet: StatefulSetStore;
  readonly events: Events;
  readonly ownPod: PodStore;
  readonly peers: PeerClient;
  /** `null` without TLS. */
  readonly certificates: Certificates | null;
  /** `metadata` of a Lease that this agent creates. */
  readonly leaseMetadata: V1ObjectMeta;
}

/** Name of the Lease. */
export function leaseName({ set }: RunOptions): string {
  return `${set}-leader`;
}

/** What to go on with when the API server cannot be asked for the own pod. */
const unknownPod: Pick<PodFacts, 'nodeName' | 'owner'> = { nodeName: null, owner: null };

/**
 * Makes the connections. It does not wait for the API server: the fence of a leader that restarts
 * while the API is away must not wait for it. Objects that are created without having seen the pod
 * lack an owner, and are not deleted with the set.
 */
export async function connect(
  options: RunOptions,
  peerSecret: () => Promise<string | null>,
  log: Log,
): Promise<Connections> {
  const { namespace, pod, podUid, timing, tlsDir } = options;
  const certificates = tlsDir === null ? null : await Certificates.load(tlsDir);
  const kube = await KubeClient.load(options.kubeconfig, timing.requestTimeoutMs);
  const ownPod = new PodStore(kube, { namespace, name: pod });
  const facts = await firstRead(ownPod, options, log);
  const labels = { 'app.kubernetes.io/managed-by': 'regent', 'regent.dev/set': options.set };
  const target = { name: pod, uid: podUid };
  return {
    kube,
    ownPod,
    statefulSet: new StatefulSetStore(kube, { namespace, name: `${options.set}-node` }),
    leases: new LeaseStore(kube, { namespace, name: leaseName(options) }),
    slices: new SliceStore(kube, {
      namespace,
      service: options.leaderService,
      ports: [{ name: 'tcp-redis', port: options.port }],
      pod: { ...target, nodeName: facts.nodeName },
      labels,
      owner: facts.owner,
    }),
    events: new Events({
      client: kube,
      namespace,
      pod: target,
      onLost: (reason, cause) => {
        log.warn({ reason, cause }, 'event-lost');
      },
    }),
    certificates,
    peers: peersOf(options, peerSecret, certificates),
    leaseMetadata: {
      name: leaseName(options),
      namespace,
      labels,
      ...(facts.owner === null ? {} : { ownerReferences: [facts.owner] }),
    },
  };
}

function peersOf(
  { pod, podUid: uid, agentPort, peerPort }: RunOptions,
  peerSecret: () => Promise<string | null>,
  certificates: Certificates | null,
): PeerClient {
  const common = { self: { pod, uid }, peerSecret };
  if (certificates === null) return new PeerClient({ ...common, port: agentPort });
  return new PeerClient({ ...common, port: peerPort, tls: certificates.current });
}

async function firstRead(
  ownPod: PodStore,
  { pod, podUid }: RunOptions,
  log: Log,
): Promise<Pick<PodFacts, 'nodeName' | 'owner'>> {
  const result = await ownPod.read();
  if (result.kind !== 'ok') {
    log.warn({ result }, 'own-pod-not-read');
    return unknownPod;
  }
  if (result.pod.uid === podUid) return result.pod;
  const message = `--pod-uid '${podUid}' is not the UID of pod '${pod}' ('${result.pod.uid}')`;
  throw new AgentError('usage', message);
}
