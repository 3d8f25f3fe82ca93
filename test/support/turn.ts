import { decide } from '../../agent/core/decide.ts';
import { freshMemory, type Decision, type Memory, type Turn } from '../../agent/core/decision.ts';
import type { LeaseRecord } from '../../agent/core/lease.ts';
import type { Position } from '../../agent/core/lineage.ts';
import type { Durability } from '../../agent/core/durability.ts';
import {
  noRequests,
  type Inquiry,
  type LeaseSight,
  type Observation,
  type PeerSight,
  type Self,
} from '../../agent/core/observation.ts';
import { noPromises } from '../../agent/core/promise.ts';
import type { RedisUp } from '../../agent/core/tenure.ts';
import { timings } from '../../agent/core/timing.ts';
import { longAgo, monotonic, type MonotonicMs } from '../../agent/core/units.ts';

/**
 * Builders of what the core sees. Unless a test says otherwise it is the instant 100,000 in a set of
 * three: `node-1` leads term 3 with the history `h3`, which began at offset 500 of `h2`, and this
 * agent is `node-0`, whose Redis follows it.
 */
export const nowMs = monotonic(100_000);

/** The timing of all tests that do not name another. */
export const timing = timings.default;

/** An instant before now. */
export function ago(ms: number): MonotonicMs {
  return monotonic(nowMs - ms);
}

/** Writes need no replica. */
export const anAsyncSet: Durability = {
  requiredReplicas: 0,
  onReplicaLoss: 'degrade',
  strictQuorum: false,
};
/** Writes need one replica, while there is one. */
export const aGuardedSet: Durability = { ...anAsyncSet, requiredReplicas: 1 };
/** Writes need one replica, and a promotion a quorum. */
export const aStrictSet: Durability = {
  requiredReplicas: 1,
  onReplicaLoss: 'block',
  strictQuorum: true,
};

/** This agent. */
export function aSelf(change: Partial<Self> = {}): Self {
  const self = { pod: 'node-0', uid: 'uid-0', address: '10.0.0.1', ordinal: 0, priority: 100 };
  return { ...self, members: 3, durability: anAsyncSet, ...change };
}

/** The data of a replica of the present leader. */
export function aPosition(change: Partial<Position> = {}): Position {
  return {
    role: 'replica',
    replid: 'h3',
    replid2: null,
    forkOffset: 0,
    offset: 900,
    exact: true,
    keys: 10,
    whole: true,
    streamed: true,
    notedTerm: 3,
    ...change,
  };
}

/** The Lease while `node-1` leads. */
export function aRecord(change: Partial<LeaseRecord> = {}): LeaseRecord {
  return {
    revision: '7',
    holder: { pod: 'node-1', uid: 'uid-1' },
    address: '10.0.0.2',
    term: 3,
    transitions: 3,
    initialized: true,
    lineage: [
      { term: 2, replid: 'h2', offset: 0 },
      { term: 3, replid: 'h3', offset: 500 },
    ],
    handover: null,
    lastOffset: 880,
    requiredReplicas: 0,
    members: 3,
    paused: false,
    ...change,
  };
}

/** The Lease while this agent holds it. */
export function aRecordOfOurs(change: Partial<LeaseRecord> = {}): LeaseRecord {
  const { pod, uid, address } = aSelf();
  return aRecord({ holder: { pod, uid }, address, ...change });
}

/** The Lease as read some time ago. */
export function aSight(record: LeaseRecord, seenAtMs = ago(100)): LeaseSight {
  return { kind: 'read', record, seenAtMs };
}

/** A Redis that follows the leader. */
export function aRedis(change: Partial<Omit<RedisUp, 'kind'>> = {}): RedisUp {
  return {
    kind: 'up',
    answered: true,
    position: aPosition(),
    fenced: true,
    requiredReplicas: 1_000_000,
    wasPromoted: false,
    goodReplicas: 0,
    ackedOffset: null,
    source: { address: '10.0.0.2', linkUp: true },
    ...change,
  };
}

/** A Redis that leads the present term, behind the fence or open. */
export function aPrimary(change: Partial<Omit<RedisUp, 'kind'>> = {}): RedisUp {
  const position = aPosition({ role: 'primary', replid2: 'h2', forkOffset: 500 });
  return aRedis({
    position,
    fenced: false,
    requiredReplicas: 0,
    wasPromoted: true,
    goodReplicas: 2,
    ackedOffset: 890,
    source: null,
    ...change,
  });
}

/** What `node-<ordinal>` has just said. */
export function aPeer(ordinal: number, change: Partial<PeerSight> = {}): PeerSight {
  return {
    pod: `node-${ordinal}`,
    uid: `uid-${ordinal}`,
    address: `10.0.0.${ordinal + 1}`,
    ordinal,
    priority: 100,
    heardAtMs: ago(50),
    askedAtMs: change.heardAtMs ?? ago(55),
    metAtMs: ago(60_000),
    foundAtMs: longAgo,
    term: 3,
    leading: false,
    position: aPosition(),
    withdrawn: false,
    bound: false,
    stopping: false,
    ...change,
  };
}

/** A question that all have answered, or that is still out. */
export function anInquiry(askedAtMs = ago(60), done = true): Inquiry {
  return { askedAtMs, members: 3, done };
}

/** What a follower sees when all is well. */
export function anObservation(change: Partial<Observation> = {}): Observation {
  return {
    nowMs,
    lease: aSight(aRecord()),
    confirmed: null,
    leaseFailedAtMs: null,
    redis: aRedis(),
    peers: [],
    inquiry: anInquiry(),
    promises: noPromises,
    promised: null,
    route: null,
    scale: null,
    requests: noRequests,
    busy: { lease: false, route: false },
    ...change,
  };
}

/** What the leader of term 3 sees when all is well and nothing is due. */
export function aLeadersObservation(change: Partial<Observation> = {}): Observation {
  return anObservation({
    lease: aSight(aRecordOfOurs()),
    confirmed: { term: 3, sentAtMs: ago(200) },
    redis: aPrimary(),
    route: { term: 3, address: '10.0.0.1' },
    ...change,
  });
}

/** Memory of an agent that began long ago. */
export function aMemory(change: Partial<Memory> = {}): Memory {
  return { ...freshMemory(ago(50_000)), firstTerm: 0, ...change };
}

/** A situation: whatever it does not name is as the builders have it. */
export interface Situation {
  readonly self?: Partial<Self>;
  readonly memory?: Partial<Memory>;
  readonly seen: Observation;
}

/** The turn of a situation. */
export function aTurn({ self, memory, seen }: Situation): Turn {
  return { self: aSelf(self), timing, memory: aMemory(memory), seen };
}

/** What the agent does in a situation. */
export function decideIn({ self, memory, seen }: Situation): Decision {
  return decide(aSelf(self), timing, aMemory(memory), seen);
}
