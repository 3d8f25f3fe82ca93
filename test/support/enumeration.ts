import type { HandoverPlan, Memory } from '../../agent/core/decision.ts';
import type { LeaseRecord } from '../../agent/core/lease.ts';
import {
  noRequests,
  type Confirmation,
  type Inquiry,
  type LeaseSight,
  type Observation,
  type PeerSight,
  type RedisSight,
  type Requests,
} from '../../agent/core/observation.ts';
import { noPromises } from '../../agent/core/promise.ts';
import { after } from '../../agent/core/units.ts';
import {
  aMemory,
  aPeer,
  aPosition,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aRedis,
  aSight,
  ago,
  anInquiry,
  anObservation,
  nowMs,
} from './turn.ts';

/** One combination: a memory and what is seen. */
export interface Combination {
  readonly memory: Memory;
  readonly seen: Observation;
}

const unled: Partial<LeaseRecord> = { term: 4 };
const named = { from: 'node-1', cause: 'switchover', replid: 'h3', offset: 900 } as const;

const leases: readonly LeaseSight[] = [
  { kind: 'unread' },
  { kind: 'absent', seenAtMs: ago(50) },
  { kind: 'absent', seenAtMs: ago(20_000) },
  aSight(aRecord()),
  aSight(aRecord(unled)),
  aSight(aRecord(), ago(6100)),
  aSight(aRecord({ holder: null, address: null })),
  aSight(aRecord({ holder: null, address: null, paused: true })),
  aSight(aRecordOfOurs()),
  aSight(aRecordOfOurs(unled)),
  aSight(aRecordOfOurs({ ...unled, handover: named })),
  aSight(aRecordOfOurs({ term: 1, initialized: false, lineage: [] })),
];

const confirmations: readonly (Confirmation | null)[] = [
  null,
  { term: 3, sentAtMs: ago(100) },
  { term: 3, sentAtMs: ago(4300) },
  { term: 4, sentAtMs: ago(100) },
  { term: 1, sentAtMs: ago(100) },
];

const foreign = aPosition({ replid: 'foreign' });
const promoted = { role: 'primary', replid: 'h4', replid2: 'h3', forkOffset: 900 } as const;

const redises: readonly RedisSight[] = [
  { kind: 'down', sinceMs: ago(30) },
  { kind: 'hung', sinceMs: ago(30) },
  { kind: 'loading', sinceMs: ago(30) },
  { kind: 'refusing', sinceMs: ago(30) },
  aRedis(),
  aRedis({ source: null }),
  aRedis({ position: foreign }),
  aRedis({ position: aPosition({ whole: false }) }),
  aRedis({ position: aPosition({ replid: 'x', keys: 0 }), source: null }),
  aPrimary(),
  aPrimary({ fenced: true, requiredReplicas: 1_000_000 }),
  aPrimary({ position: { ...foreign, role: 'primary' } }),
  aPrimary({ fenced: true, position: aPosition(promoted) }),
];

const peerings: readonly (readonly PeerSight[])[] = [
  [],
  [aPeer(1), aPeer(2)],
  [aPeer(1), aPeer(2, { position: aPosition({ offset: 5000 }) })],
  [aPeer(1, { leading: true, position: aPrimary().position }), aPeer(2)],
  [aPeer(1, { leading: true, position: aPrimary().position }), aPeer(2, { term: 5 })],
  [aPeer(1, { position: aPosition({ replid: 'y', keys: 0 }) }), aPeer(2, { position: null })],
];

const promised = { leader: { pod: 'node-1', uid: 'uid-1' }, term: 3, untilMs: after(nowMs, 900) };

/** What was promised to this agent and by it, when anything was. */
const promisings: readonly Pick<Observation, 'promises' | 'promised' | 'leaseFailedAtMs'>[] = [
  { promises: noPromises, promised: null, leaseFailedAtMs: ago(50) },
  {
    promises: {
      askedAtMs: ago(100),
      granted: [1, 2].map((n) => ({
        ...{ pod: `node-${n}`, uid: `uid-${n}`, ordinal: n, term: 3, sentAtMs: ago(100) },
      })),
    },
    promised: null,
    leaseFailedAtMs: ago(50),
  },
  { promises: noPromises, promised, leaseFailedAtMs: null },
];

const inquiries: readonly (Inquiry | null)[] = [null, anInquiry(), anInquiry(ago(60), false)];

const requests: readonly Requests[] = [
  noRequests,
  { ...noRequests, stop: 'pod' },
  { ...noRequests, stop: 'agent' },
  { ...noRequests, switchover: { to: null, atMs: ago(70) } },
  { ...noRequests, override: { to: 'node-2', atMs: ago(70) } },
  { ...noRequests, pause: true },
];

const plan: HandoverPlan = {
  to: { pod: 'node-1', uid: 'uid-1', address: '10.0.0.2' },
  pausedAtMs: ago(80),
  pausedUntilMs: after(nowMs, 500),
};

const takeover = {
  term: 4,
  sinceMs: ago(400),
  promoted: { from: 'h3', shared: null, isForeign: false },
};

const memories: readonly Memory[] = [
  aMemory({ startedAtMs: ago(20) }),
  aMemory({ lastRecord: aRecordOfOurs(), handover: plan }),
  aMemory({ lastRecord: aRecord(), givenAwayAtMs: ago(90), takeover }),
];

/** All combinations of a few values for each thing that an agent can see or remember. */
export function* combinations(): Generator<Combination> {
  for (const memory of memories) {
    for (const lease of leases) {
      for (const redis of redises) yield* around(memory, lease, redis);
    }
  }
}

function* around(memory: Memory, lease: LeaseSight, redis: RedisSight): Generator<Combination> {
  for (const confirmed of confirmations) {
    for (const peers of peerings) {
      for (const rest of rests) {
        yield { memory, seen: anObservation({ lease, redis, confirmed, peers, ...rest }) };
      }
    }
  }
}

const rests: readonly Partial<Observation>[] = [
  ...inquiries.flatMap((inquiry) =>
    requests.flatMap((asked) =>
      [false, true].map((lease) => ({ inquiry, requests: asked, busy: { lease, route: false } })),
    ),
  ),
  ...promisings.flatMap((promising) =>
    requests.map((asked) => ({ ...promising, requests: asked })),
  ),
];
