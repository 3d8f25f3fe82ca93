import { noRequests } from '../../agent/core/observation.ts';
import type { Reason } from '../../agent/core/decision.ts';
import type { Handover } from '../../agent/core/lease.ts';
import { after } from '../../agent/core/units.ts';
import { aClaimant, takeover } from './claimant.ts';
import type { Exemplar } from './exemplar.ts';
import { leaderExemplars } from './leader-situations.ts';
import {
  aLeadersObservation,
  aPeer,
  aPosition,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aRedis,
  aSight,
  aStrictSet,
  ago,
  anInquiry,
  anObservation,
  nowMs,
} from './turn.ts';

const unled = { term: 4, lineage: aRecord().lineage };
const nobody = { holder: null, address: null };
const bothPeers = [aPeer(1), aPeer(2)];
const ofNode2 = { holder: { pod: 'node-2', uid: 'uid-2' }, address: '10.0.0.3' };
const promised = {
  leader: { pod: 'node-1', uid: 'uid-1' },
  term: 3,
  untilMs: after(nowMs, 3000),
};
const redisDown = { kind: 'down', sinceMs: ago(100) } as const;

function handover(change: Partial<Handover> = {}): Handover {
  return { from: 'node-1', cause: 'redis-down', replid: 'h3', offset: 900, ...change };
}

/** This agent has just become the holder, and the rest is as for a follower. */
function claimant(
  change: Parameters<typeof anObservation>[0] = {},
): ReturnType<typeof anObservation> {
  return aClaimant({ route: null, ...change }).seen;
}

/** For each reason one situation in which it is given. */
export const exemplars: Readonly<Record<Reason, Exemplar>> = {
  ...leaderExemplars,
  'lease-unread': { action: 'wait', seen: anObservation({ lease: { kind: 'unread' } }) },
  'fence-not-holder': { action: 'fence', seen: anObservation({ redis: aPrimary() }) },
  'fence-deadline-passed': {
    action: 'fence',
    seen: aLeadersObservation({ confirmed: { term: 3, sentAtMs: ago(4200) } }),
  },
  'fence-hung-redis': {
    action: 'fence',
    seen: aLeadersObservation({ redis: { kind: 'hung', sinceMs: ago(10) } }),
  },
  'resume-after-restart': {
    action: 'write-lease',
    memory: { startedAtMs: ago(100) },
    seen: aLeadersObservation({ confirmed: null }),
  },
  'redis-away': { action: 'wait', seen: anObservation({ redis: redisDown }) },
  'restarted-in-place': {
    action: 'write-lease',
    memory: { takeover: { ...takeover, term: 3 } },
    seen: aLeadersObservation({ redis: aRedis({ source: null }), peers: [aPeer(1), aPeer(2)] }),
  },
  'takeover-ask-peers': { action: 'ask', seen: claimant({ inquiry: anInquiry(ago(200)) }) },
  'takeover-await-members': {
    action: 'wait',
    memory: { takeover },
    seen: claimant({
      lease: aSight(aRecordOfOurs({ ...unled, initialized: false, lineage: [] })),
      peers: [aPeer(1)],
    }),
  },
  'takeover-name-better': {
    action: 'write-lease',
    memory: { takeover },
    seen: claimant({
      peers: [aPeer(1), aPeer(2, { position: aPosition({ offset: 5000 }) })],
      redis: aRedis({ source: null }),
    }),
  },
  'takeover-drain': {
    action: 'wait',
    memory: { takeover: { ...takeover, sinceMs: ago(30) } },
    seen: anObservation({
      lease: aSight(aRecordOfOurs({ ...unled, handover: handover() })),
    }),
  },
  'takeover-await-offset': {
    action: 'wait',
    memory: { takeover },
    seen: anObservation({
      lease: aSight(
        aRecordOfOurs({ ...unled, handover: handover({ cause: 'switchover', offset: 1000 }) }),
      ),
    }),
  },
  'takeover-start-over': {
    action: 'withdraw',
    memory: { takeover },
    seen: claimant({ redis: aPrimary({ fenced: true }) }),
  },
  'takeover-not-fit': {
    action: 'write-lease',
    memory: { takeover },
    seen: claimant({
      lease: aSight(aRecordOfOurs({ ...unled, handover: handover() })),
      redis: aRedis({ position: aPosition({ replid: 'foreign' }) }),
    }),
  },
  'promote': { action: 'promote', memory: { takeover }, seen: claimant() },
  'record-lineage': {
    action: 'write-lease',
    memory: { takeover: { ...takeover, promoted: { from: 'h3', shared: null, isForeign: false } } },
    seen: claimant({
      redis: aPrimary({
        fenced: true,
        position: aPosition({ role: 'primary', replid: 'h4', replid2: 'h3', forkOffset: 900 }),
      }),
      route: { term: 4, address: '10.0.0.1' },
    }),
  },
  'stopped': {
    action: 'exit',
    seen: anObservation({ requests: { ...noRequests, stop: 'agent' } }),
  },
  'step-down': {
    action: 'withdraw',
    seen: anObservation({ lease: aSight(aRecord(unled)), redis: aPrimary({ fenced: true }) }),
  },
  'withdraw-from-old-leader': {
    action: 'withdraw',
    seen: anObservation({ lease: aSight(aRecord(unled)) }),
  },
  'await-leader': {
    action: 'wait',
    seen: anObservation({ lease: aSight(aRecord(unled)), redis: aRedis({ source: null }) }),
  },
  'await-membership': {
    action: 'wait',
    self: { ordinal: 3, members: 4 },
    seen: anObservation({ redis: aRedis({ source: null }) }),
  },
  'follow-ask-leader': {
    action: 'ask',
    seen: anObservation({ redis: aRedis({ source: null }), inquiry: anInquiry(ago(200)) }),
  },
  'follow-leader': {
    action: 'follow',
    seen: anObservation({
      redis: aRedis({ source: null }),
      peers: [aPeer(1, { leading: true, position: aPrimary().position })],
    }),
  },
  'following': { action: 'wait', seen: anObservation() },
  'vacant-not-fit': {
    action: 'wait',
    seen: anObservation({
      lease: aSight(aRecord(nobody)),
      redis: aRedis({ position: aPosition({ replid: 'foreign' }) }),
    }),
  },
  'vacant-paused': {
    action: 'wait',
    seen: anObservation({ lease: aSight(aRecord({ ...nobody, paused: true })) }),
  },
  'claim-ask-peers': {
    action: 'ask',
    seen: anObservation({ lease: { kind: 'absent', seenAtMs: ago(40) } }),
  },
  'claim-await-memory': {
    action: 'wait',
    seen: anObservation({ lease: { kind: 'absent', seenAtMs: ago(100) }, peers: bothPeers }),
  },
  'restore-lease': {
    action: 'write-lease',
    memory: { lastRecord: aRecord() },
    seen: anObservation({
      lease: { kind: 'absent', seenAtMs: ago(10_000) },
      redis: aRedis({ position: aPosition({ replid: 'foreign' }) }),
    }),
  },
  'claim-new': {
    action: 'write-lease',
    seen: anObservation({ lease: { kind: 'absent', seenAtMs: ago(100) } }),
  },
  'claim-released': {
    action: 'write-lease',
    seen: anObservation({ lease: aSight(aRecord(nobody)) }),
  },
  'claim-expired': {
    action: 'write-lease',
    seen: anObservation({ lease: aSight(aRecord(), ago(6060)) }),
  },
  'lease-write-pending': {
    action: 'wait',
    seen: anObservation({
      lease: aSight(aRecord(nobody)),
      busy: { lease: true, route: false },
    }),
  },
  'takeover-await-quorum': {
    action: 'wait',
    self: { durability: aStrictSet },
    memory: { takeover },
    seen: claimant({ peers: [aPeer(1, { position: null }), aPeer(2)] }),
  },
  'takeover-await-newer': {
    action: 'wait',
    memory: { takeover },
    seen: claimant({
      lease: aSight(aRecordOfOurs({ ...unled, lastOffset: 901 })),
      peers: [aPeer(1)],
      inquiry: anInquiry(ago(70)),
    }),
  },
  'takeover-paused': {
    action: 'wait',
    memory: { takeover },
    seen: claimant({
      lease: aSight(aRecordOfOurs({ ...unled, paused: true })),
      peers: [aPeer(1), aPeer(2, { position: aPosition({ offset: 5000 }) })],
    }),
  },
  'pause-by-hand': {
    action: 'write-lease',
    seen: anObservation({ requests: { ...noRequests, pause: true } }),
  },
  'promise-kept': {
    action: 'wait',
    seen: anObservation({ lease: aSight(aRecord({ ...unled, ...ofNode2 })), promised }),
  },
  'cut-late-clients': {
    action: 'cut-clients',
    memory: { demotion: { sinceMs: ago(600), cutAtMs: ago(600), presumed: false } },
    seen: anObservation(),
  },
};
