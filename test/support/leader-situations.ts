import { noRequests } from '../../agent/core/observation.ts';
import type { HandoverPlan, Reason } from '../../agent/core/decision.ts';
import { after } from '../../agent/core/units.ts';
import {
  aLeadersObservation,
  aPeer,
  aGuardedSet,
  aPosition,
  aPrimary,
  aRecordOfOurs,
  aSight,
  aStrictSet,
  ago,
  anInquiry,
  nowMs,
} from './turn.ts';
import type { Exemplar } from './exemplar.ts';

const redisDown = { kind: 'down', sinceMs: ago(100) } as const;
const bothPeers = [aPeer(1), aPeer(2)];
const unstreamed = aPeer(1, { position: aPosition({ streamed: false }) });
const override = { ...noRequests, override: { to: 'node-2', atMs: ago(70) } };
const plan: HandoverPlan = {
  to: { pod: 'node-1', uid: 'uid-1', address: '10.0.0.2' },
  pausedAtMs: ago(80),
  pausedUntilMs: after(nowMs, 900),
};
const switchover = { ...noRequests, switchover: { to: null, atMs: ago(70) } };

/** For each reason of a holder one situation in which it is given. */
export const leaderExemplars = {
  'redis-away-nobody-fit': { action: 'wait', seen: aLeadersObservation({ redis: redisDown }) },
  'redis-away-ask-peers': {
    action: 'ask',
    seen: aLeadersObservation({ redis: redisDown, inquiry: anInquiry(ago(200)) }),
  },
  'redis-away-await-newer': {
    action: 'wait',
    seen: aLeadersObservation({
      lease: aSight(aRecordOfOurs({ lastOffset: 901 })),
      redis: redisDown,
      peers: bothPeers,
    }),
  },
  'redis-away-await-quorum': {
    action: 'wait',
    self: { durability: aStrictSet },
    seen: aLeadersObservation({ redis: redisDown, peers: [unstreamed, aPeer(2)] }),
  },
  'redis-away-name-successor': {
    action: 'write-lease',
    seen: aLeadersObservation({ redis: redisDown, peers: bothPeers }),
  },
  'open-for-writes': {
    action: 'admit',
    seen: aLeadersObservation({ redis: aPrimary({ fenced: true, requiredReplicas: 1_000_000 }) }),
  },
  'guard-raise': {
    action: 'admit',
    self: { durability: aGuardedSet },
    seen: aLeadersObservation(),
  },
  'guard-publish': {
    action: 'write-lease',
    self: { durability: aGuardedSet },
    seen: aLeadersObservation({ redis: aPrimary({ requiredReplicas: 1 }) }),
  },
  'guard-lower': {
    action: 'write-lease',
    self: { durability: aGuardedSet },
    memory: { shortSinceMs: ago(2000) },
    seen: aLeadersObservation({
      lease: aSight(aRecordOfOurs({ requiredReplicas: 1 })),
      redis: aPrimary({ requiredReplicas: 1, goodReplicas: 0 }),
    }),
  },
  'size-raise': {
    action: 'write-lease',
    memory: { lastRecord: aRecordOfOurs(), sizedAtMs: ago(900) },
    seen: aLeadersObservation({ scale: { members: 5, askedAtMs: ago(400) } }),
  },
  'size-lower': {
    action: 'write-lease',
    memory: { lastRecord: aRecordOfOurs(), sizedAtMs: ago(20_000) },
    seen: aLeadersObservation({ scale: { members: 2, askedAtMs: ago(400) }, peers: [aPeer(1)] }),
  },
  'ask-promises': {
    action: 'ask-promises',
    seen: aLeadersObservation({ leaseFailedAtMs: ago(20) }),
  },
  'route-clients': { action: 'route', seen: aLeadersObservation({ route: null }) },
  'keep-in-touch': { action: 'ask', seen: aLeadersObservation({ inquiry: anInquiry(ago(3000)) }) },
  'renew': {
    action: 'write-lease',
    seen: aLeadersObservation({ confirmed: { term: 3, sentAtMs: ago(1500) } }),
  },
  'renew-late': {
    action: 'write-lease',
    seen: aLeadersObservation({
      confirmed: { term: 3, sentAtMs: ago(4200) },
      redis: aPrimary({ fenced: true }),
    }),
  },
  'take-back': {
    action: 'write-lease',
    memory: { givenAwayAtMs: ago(150) },
    seen: aLeadersObservation({ redis: aPrimary({ fenced: true }) }),
  },
  'outrank-old-term': {
    action: 'write-lease',
    seen: aLeadersObservation({ route: { term: 9, address: '10.0.0.2' } }),
  },
  'leading': { action: 'wait', seen: aLeadersObservation() },
  'handover-ask-peers': {
    action: 'ask',
    seen: aLeadersObservation({
      requests: { ...noRequests, stop: 'pod' },
      inquiry: anInquiry(ago(600)),
    }),
  },
  'handover-no-successor': {
    action: 'exit',
    seen: aLeadersObservation({ requests: { ...noRequests, stop: 'agent' } }),
  },
  'handover-pause': {
    action: 'pause',
    seen: aLeadersObservation({ requests: switchover, peers: bothPeers }),
  },
  'handover-await-offset': {
    action: 'ask',
    memory: { handover: plan },
    seen: aLeadersObservation({ peers: [aPeer(1, { position: aPosition({ offset: 899 }) })] }),
  },
  'handover-fence': {
    action: 'fence',
    memory: { handover: plan },
    seen: aLeadersObservation({ peers: bothPeers }),
  },
  'handover-name-successor': {
    action: 'write-lease',
    memory: { handover: plan },
    seen: aLeadersObservation({ redis: aPrimary({ fenced: true }), peers: bothPeers }),
  },
  'handover-undo': {
    action: 'admit',
    memory: { handover: { ...plan, pausedUntilMs: after(nowMs, 50) } },
    seen: aLeadersObservation({ redis: aPrimary({ fenced: true }) }),
  },
  'override-fence': {
    action: 'fence',
    seen: aLeadersObservation({ requests: override, peers: bothPeers }),
  },
  'override-name': {
    action: 'write-lease',
    seen: aLeadersObservation({
      requests: override,
      redis: aPrimary({ fenced: true }),
      peers: bothPeers,
    }),
  },
  'release': {
    action: 'write-lease',
    seen: aLeadersObservation({ redis: redisDown, requests: { ...noRequests, stop: 'pod' } }),
  },
} as const satisfies Partial<Record<Reason, Exemplar>>;
