import { isHeldBy, unwritten, type LeaseRecord } from '../core/lease.ts';
import type { Self } from '../core/observation.ts';
import type { PeerState } from '../http/peer-state.ts';
import type { MemberView, SetView } from '../http/set-view.ts';
import { historyOf } from '../kube/lease-history.ts';
import { explanation, notes } from './explanation.ts';
import { ownState } from './own-state.ts';
import type { RouteParts } from './route-parts.ts';

/** What is known of a set at one moment. */
export interface SetSight {
  readonly self: Self;
  readonly record: LeaseRecord;
  /** Names of all pods, by ordinal. */
  readonly pods: readonly string[];
  /** What those say that answer, this agent among them. */
  readonly states: readonly PeerState[];
}

/** Asks everybody, and puts together what they say. */
export async function viewOf(parts: RouteParts): Promise<SetView> {
  const { agent, peers, lease } = parts;
  const self = { ...parts.self, members: agent.members };
  const [own, others] = await Promise.all([ownState(parts), peers.survey()]);
  const record = agent.record ?? unwritten;
  const pods = [self.pod, ...peers.names].toSorted((a, b) => ordinalOf(a) - ordinalOf(b));
  const sight: SetSight = { self, record, pods, states: [own, ...others] };
  return {
    pod: self.pod,
    leader: record.holder?.pod ?? null,
    term: record.term,
    requiredReplicas: record.requiredReplicas,
    wantedReplicas: self.durability.requiredReplicas,
    paused: record.paused,
    notes: notes(sight),
    members: pods.map((pod) => memberOf(pod, sight)),
    history: historyOf(lease.lease?.metadata ?? {}),
  };
}

function memberOf(pod: string, sight: SetSight): MemberView {
  const state = sight.states.find((one) => one.pod === pod);
  const why = explanation(pod, sight);
  if (state === undefined) {
    const unknown = { term: null, offset: null, lagBytes: null };
    return { pod, role: 'silent', ...unknown, state: 'silent', why };
  }
  return {
    pod,
    role: isHeldBy(sight.record, state) ? 'leader' : 'follower',
    term: state.term,
    offset: state.position?.offset ?? null,
    lagBytes: lagOf(state, sight),
    state: state.reason,
    why,
  };
}

/** Offsets of two histories are never compared. */
function lagOf({ pod, position }: PeerState, { record, states }: SetSight): number | null {
  const leader = states.find((one) => isHeldBy(record, one));
  const head = leader?.position ?? null;
  if (head === null || position === null || leader?.pod === pod) return null;
  // A moment lies between the answers: the replica's may be the newer one.
  return head.replid === position.replid ? Math.max(0, head.offset - position.offset) : null;
}

function ordinalOf(pod: string): number {
  return Number(pod.slice(pod.lastIndexOf('-') + 1));
}
