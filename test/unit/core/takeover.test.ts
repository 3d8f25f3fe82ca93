import { expect, test } from '@jest/globals';
import type { Handover } from '../../../agent/core/lease.ts';
import { bootstrapDataMs } from '../../../agent/core/choice.ts';
import { catchUpMs, drainMs } from '../../../agent/core/takeover.ts';
import type { Observation, PeerSight } from '../../../agent/core/observation.ts';
import { after, longAgo, type MonotonicMs } from '../../../agent/core/units.ts';
import { aClaimant, takeover } from '../../support/claimant.ts';
import {
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
  decideIn,
  nowMs,
  timing,
  type Situation,
} from '../../support/turn.ts';

const empty = aPosition({ replid: 'x', offset: 0, keys: 0 });

function aNamed(handover: Partial<Handover>, change: Partial<Situation['seen']> = {}): Situation {
  const given: Handover = { from: 'node-1', cause: 'switchover', replid: 'h3', offset: 900 };
  const record = aRecordOfOurs({ term: 4, handover: { ...given, ...handover } });
  return aClaimant({ lease: aSight(record), confirmed: null, peers: [], ...change });
}

test('a claimant with the best data promotes', () => {
  expect(decideIn(aClaimant())).toMatchObject({ reason: 'promote', action: { kind: 'promote' } });
});

test('a claimant asks anew: answers from before it became the holder do not count', () => {
  const early = anInquiry(ago(500));
  expect(decideIn(aClaimant({ inquiry: early })).reason).toBe('takeover-ask-peers');
});

test('an answer counts by when its question left: it may have been long on its way (I3)', () => {
  const better = { position: aPosition({ offset: 950 }), heardAtMs: ago(10) };
  const whose = (askedMs: number): unknown => {
    const peers = [aPeer(1), aPeer(2, { ...better, askedAtMs: ago(askedMs) })];
    return decideIn(aClaimant({ redis: aRedis({ source: null }), peers })).reason;
  };
  expect(whose(60)).toBe('takeover-name-better');
  expect(whose(61)).not.toBe('takeover-name-better');
});

test('a member that was silent the last time has a moment to be heard', () => {
  const some = { peers: [aPeer(1)] };
  const early = decideIn(aClaimant({ ...some, inquiry: anInquiry(ago(49)) }));
  expect(early).toMatchObject({ reason: 'takeover-ask-peers', action: { kind: 'wait' } });
  expect(decideIn(aClaimant({ ...some, inquiry: anInquiry(ago(51)) })).reason).toBe('promote');
});

test('a claimant that is not the best names the best and tells it', () => {
  const better = aPeer(2, { position: aPosition({ offset: 901 }) });
  const redis = aRedis({ source: null });
  expect(decideIn(aClaimant({ peers: [aPeer(1), better], redis })).action).toMatchObject({
    kind: 'write-lease',
    record: {
      term: 5,
      holder: { pod: 'node-2', uid: 'uid-2' },
      handover: { cause: 'better-data', replid: 'h3', offset: 901 },
    },
    tell: { pod: 'node-2' },
  });
});

test('who is named for a Redis that hangs waits in a strict set until the others have left it', () => {
  const durability = { requiredReplicas: 1, onReplicaLoss: 'block', strictQuorum: true } as const;
  const lease = aSight(
    aRecordOfOurs({
      ...{ term: 4, requiredReplicas: 1 },
      handover: { from: 'node-1', cause: 'redis-hung', replid: 'h3', offset: 900 },
    }),
  );
  const named = (peers: Situation['seen']['peers'], strictQuorum = true): string =>
    decideIn({
      self: { durability: { ...durability, strictQuorum } },
      ...aClaimant({ lease, peers, redis: aRedis({ source: null }) }),
    }).reason;
  const hung = aPeer(1, { position: null });
  expect(named([hung, aPeer(2, { withdrawn: false })])).toBe('takeover-await-quorum');
  expect(named([hung, aPeer(2, { withdrawn: false })], false)).toBe('promote');
  expect(named([hung, aPeer(2, { withdrawn: true })])).toBe('promote');
});

test('who holds the lease since before it began confirms it before it promotes', () => {
  expect(decideIn(aClaimant({ confirmed: null })).reason).toBe('resume-after-restart');
});

/** All members say that they have nothing. */
function allEmpty(change: Partial<PeerSight>): Partial<Observation> {
  const peers = [1, 2].map((ordinal) => aPeer(ordinal, { position: empty, ...change }));
  return { redis: aRedis({ position: empty, source: null }), peers };
}

test('a holder whose data nobody knows frees the lease, after a while for others to be heard', () => {
  const foreign = aRedis({ position: aPosition({ replid: 'foreign' }) });
  const silent = { peers: [aPeer(1, { position: null }), aPeer(2, { position: null })] };
  expect(decideIn(aClaimant({ redis: foreign, ...silent })).reason).toBe('takeover-ask-peers');
  const late = decideIn(aClaimant({ redis: foreign, ...silent }, { sinceMs: ago(catchUpMs) }));
  expect(late).toMatchObject({ reason: 'takeover-not-fit', action: { record: { holder: null } } });
});

test('a set whose every member is empty begins anew, once none can hide data behind a hang', () => {
  const seen = allEmpty({ foundAtMs: ago(0) });
  expect(decideIn(aClaimant(seen)).reason).toBe('takeover-await-members');
  const sinceMs = ago(timing.beatTimeoutMs + 1000);
  expect(decideIn(aClaimant(seen, { sinceMs })).reason).toBe('promote');
});

test.each([
  ['the API server has not said where the members are', longAgo],
  ['it said so before all were sure to be empty', ago(1)],
])('a set whose every member is empty looks for them before it begins anew: %s', (_, foundAtMs) => {
  const sinceMs = ago(timing.beatTimeoutMs + 1000);
  const asked = { inquiry: anInquiry(ago(250)) };
  const sure = allEmpty({ foundAtMs, askedAtMs: ago(250) });
  const found = decideIn(aClaimant({ ...sure, ...asked }, { sinceMs }));
  expect(found).toMatchObject({ reason: 'takeover-await-members', action: { kind: 'find' } });
  const justAsked = decideIn(aClaimant(allEmpty({ foundAtMs }), { sinceMs }));
  expect(justAsked.action.kind).toBe('wait');
});

test('a pod that has come into the place of another has to be empty for as long (I7)', () => {
  const seen = allEmpty({ foundAtMs: ago(0), metAtMs: ago(timing.beatTimeoutMs) });
  const decision = decideIn(aClaimant(seen, { sinceMs: ago(60_000) }));
  expect(decision).toMatchObject({ reason: 'takeover-await-members' });
});

test('who looks for the members of an empty set renews meanwhile', () => {
  const confirmed = { term: 4, sentAtMs: ago(timing.renewPeriodMs) };
  const seen = { ...allEmpty({}), confirmed };
  expect(decideIn(aClaimant(seen, { sinceMs: ago(60_000) })).reason).toBe('renew');
});

test.each([
  [
    'one member has data',
    [aPeer(1, { position: empty }), aPeer(2, { position: aPosition({ replid: 'y' }) })],
  ],
  ['one member does not answer', [aPeer(1, { position: empty })]],
  ['the Redis of one is down', [aPeer(1, { position: empty }), aPeer(2, { position: null })]],
])('an empty data set never leads while %s', (_, peers) => {
  const seen = { redis: aRedis({ position: empty, source: null }), peers };
  expect(decideIn(aClaimant(seen, { sinceMs: ago(60_000) })).reason).toBe('takeover-not-fit');
});

test('in a new set the first leader waits for all members, and renews meanwhile', () => {
  const lease = aSight(aRecordOfOurs({ term: 4, initialized: false, lineage: [] }));
  const seen = { lease, peers: [aPeer(1)], redis: aRedis({ source: null }) };
  expect(decideIn(aClaimant(seen)).reason).toBe('takeover-await-members');
  const due = { ...seen, confirmed: { term: 4, sentAtMs: ago(timing.renewPeriodMs) } };
  expect(decideIn(aClaimant(due)).reason).toBe('renew');
  expect(decideIn(aClaimant(seen, { sinceMs: ago(10_000) })).reason).toBe('promote');
});

test('while nobody that answers has data, the first leader waits for a volume that comes late (I7)', () => {
  const lease = aSight(aRecordOfOurs({ term: 4, initialized: false, lineage: [] }));
  const nothing = aPosition({ replid: 'own', keys: 0, offset: 0 });
  const others = aPosition({ replid: 'others', keys: 0, offset: 0 });
  const redis = aRedis({ position: nothing, source: null });
  const seen = { lease, peers: [aPeer(1, { position: others })], redis };
  const at = (sinceMs: MonotonicMs): string => decideIn(aClaimant(seen, { sinceMs })).reason;
  expect(at(ago(bootstrapDataMs - 1))).toBe('takeover-await-members');
  expect(at(ago(bootstrapDataMs))).toBe('promote');
});

test('a claimant below a term that a peer speaks of begins a higher one', () => {
  const seen = { peers: [aPeer(1, { term: 9 }), aPeer(2)] };
  expect(decideIn(aClaimant(seen))).toMatchObject({
    reason: 'outrank-old-term',
    action: { record: { term: 10 } },
  });
});

test('a primary of old becomes a replica before it is promoted: a history has one author', () => {
  // I11: whoever believed in it has to look for the next leader.
  expect(decideIn(aClaimant({ redis: aPrimary({ fenced: true }) })).action).toEqual({
    kind: 'withdraw',
    cutClients: true,
  });
});

test('the last bytes of a dead primary may arrive before the promotion cuts them off', () => {
  const named = aNamed({ cause: 'redis-down' });
  const early = { ...named, memory: { takeover: { ...takeover, sinceMs: ago(drainMs - 1) } } };
  expect(decideIn(early).reason).toBe('takeover-drain');
  expect(decideIn(named).reason).toBe('promote');
});

test('a successor of a hand-over promotes at once when it has every byte', () => {
  const named = aNamed({});
  const fresh = { ...named, memory: { takeover: { ...takeover, sinceMs: ago(0) } } };
  expect(decideIn(fresh).reason).toBe('promote');
});

test.each([
  ['lacks bytes', { offset: 899 }],
  ['has restarted with older data', { replid: 'h2', offset: 500 }],
])('a successor of a hand-over that %s waits, and gives the lease back', (_, position) => {
  const redis = aRedis({ position: aPosition(position) });
  expect(decideIn(aNamed({}, { redis })).reason).toBe('takeover-await-offset');
  const late = {
    ...aNamed({}, { redis }),
    memory: { takeover: { ...takeover, sinceMs: ago(1000) } },
  };
  expect(decideIn(late).reason).toBe('takeover-not-fit');
});

test('who was named for data that it has lost since asks who has the best', () => {
  const redis = aRedis({ position: aPosition({ offset: 700 }) });
  const named = aNamed({ cause: 'redis-down' }, { redis, inquiry: null });
  expect(decideIn(named).reason).toBe('takeover-ask-peers');
});

test('a leader whose Redis restarted begins a new term, after asking who has more', () => {
  const lease = aSight(aRecordOfOurs());
  const confirmed = { term: 3, sentAtMs: ago(300) };
  const redis = aRedis({ position: aPosition({ offset: 800 }), source: null });
  const seen = { lease, confirmed, redis, route: null };
  const worse = aPosition({ offset: 700 });
  const peers = [aPeer(1, { position: worse }), aPeer(2, { position: worse })];
  expect(decideIn(aClaimant({ ...seen, peers }, { term: 3 }))).toMatchObject({
    reason: 'restarted-in-place',
    action: { record: { term: 4, holder: { pod: 'node-0' } } },
  });
  expect(decideIn(aClaimant(seen, { term: 3 })).reason).toBe('takeover-name-better');
});

test('who names another leaves the old leader first, and nobody to whom it has promised to stay', () => {
  const peers = [aPeer(1), aPeer(2, { position: aPosition({ offset: 901 }) })];
  expect(decideIn(aClaimant({ peers }))).toMatchObject({
    reason: 'withdraw-from-old-leader',
    action: { kind: 'withdraw', cutClients: false },
  });
  const promised = { leader: { pod: 'node-1', uid: 'uid-1' }, term: 3, untilMs: after(nowMs, 9) };
  expect(decideIn(aClaimant({ peers, promised })).reason).toBe('promise-kept');
  const redis = aRedis({ source: null });
  expect(decideIn(aClaimant({ peers, promised, redis })).reason).toBe('promise-kept');
});

test('who reads first of all that it is named makes sure that this is not of old', () => {
  const named = aNamed({ cause: 'better-data' });
  expect(decideIn(named).reason).toBe('promote');
  const fresh = { ...named, memory: { ...named.memory, firstTerm: 4 } };
  expect(decideIn(fresh)).toMatchObject({
    reason: 'resume-after-restart',
    action: { record: { term: 4, handover: { cause: 'better-data' } } },
  });
  const confirmed = { term: 4, sentAtMs: ago(10) };
  expect(decideIn({ ...fresh, seen: { ...fresh.seen, confirmed } }).reason).toBe('promote');
});

test('the term of the first record that is read is kept', () => {
  const first = decideIn({ seen: anObservation(), memory: { firstTerm: null } });
  expect(first.memory.firstTerm).toBe(3);
  const later = anObservation({ lease: aSight(aRecord({ term: 4 })) });
  expect(decideIn({ seen: later, memory: first.memory }).memory.firstTerm).toBe(3);
});
