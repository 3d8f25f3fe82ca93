import { expect, test } from '@jest/globals';
import type { Observation } from '../../../agent/core/observation.ts';
import { after } from '../../../agent/core/units.ts';
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
} from '../../support/turn.ts';

const nobody = aSight(aRecord({ holder: null, address: null }));
const bothPeers = [aPeer(1), aPeer(2)];

test('a released lease is claimed at once, in the next term', () => {
  const decision = decideIn({ seen: anObservation({ lease: nobody }) });
  expect(decision).toMatchObject({
    reason: 'claim-released',
    action: { record: { term: 4, holder: { pod: 'node-0', uid: 'uid-0' } } },
  });
});

test('who may have forgotten a promise leaves a lease alone that its last holder never led with (I14)', () => {
  const claimedAt = (startedAtMs: typeof nowMs, term: number): string => {
    const lease = aSight(aRecord({ holder: null, address: null, term }));
    return decideIn({ seen: anObservation({ lease }), memory: { startedAtMs } }).reason;
  };
  const forMs = 1.01 * timing.promiseMs;
  // The record says who led last: the leader of term 3, of which this is the record.
  expect(claimedAt(ago(10), 3)).toBe('claim-released');
  expect(claimedAt(ago(forMs - 1), 4)).not.toBe('claim-released');
  expect(claimedAt(ago(forMs), 4)).toBe('claim-released');
  const lease = aSight(aRecord({ holder: null, address: null, term: 4 }));
  const redis = aRedis({ source: null });
  const waiting = decideIn({
    seen: anObservation({ lease, redis }),
    memory: { startedAtMs: ago(forMs - 100) },
  });
  expect(waiting).toMatchObject({ reason: 'await-leader', wakeAtMs: after(nowMs, 100) });
});

test('a lease is claimed when it was silent for a lease duration on this clock, and not before', () => {
  const at = (ms: number): ReturnType<typeof anObservation> =>
    anObservation({ lease: aSight(aRecord(), ago(ms)), inquiry: anInquiry(ago(10)) });
  expect(decideIn({ seen: at(6059) }).reason).toBe('following');
  expect(decideIn({ seen: at(6060) }).reason).toBe('claim-expired');
});

test.each([
  ['of unknown history', { redis: aRedis({ position: aPosition({ replid: 'x' }) }) }, {}],
  ['in the middle of a resync', { redis: aRedis({ position: aPosition({ whole: false }) }) }, {}],
  ['on a pod of priority 0', {}, { priority: 0 }],
])('data %s do not claim', (_, change, self) => {
  const seen = anObservation({ lease: nobody, ...change });
  expect(decideIn({ seen, self }).reason).toBe('vacant-not-fit');
});

test('an empty pod claims when every member says that it is empty too', () => {
  const position = aPosition({ replid: 'x', keys: 0 });
  const peers = [aPeer(1, { position }), aPeer(2, { position })];
  const redis = aRedis({ position, source: null });
  expect(decideIn({ seen: anObservation({ lease: nobody, redis, peers }) }).reason).toBe(
    'claim-released',
  );
  const some = [aPeer(1, { position }), aPeer(2)];
  const seen = anObservation({ lease: nobody, redis, peers: some });
  expect(decideIn({ seen }).reason).toBe('vacant-not-fit');
});

test('what a broken resync left begins a new set only when every member is empty', () => {
  const record = aRecord({ holder: null, address: null, initialized: false, lineage: [] });
  const lease = aSight(record);
  const position = aPosition({ replid: 'x', keys: 0 });
  const redis = aRedis({ position: { ...position, whole: false }, source: null });
  const reasonWith = (other: typeof position): string => {
    // Priority 0 is a person's word: neither of them leads, whatever it has.
    const peers = [aPeer(1, { position, priority: 0 }), aPeer(2, { position: other, priority: 0 })];
    return decideIn({ seen: anObservation({ lease, redis, peers }) }).reason;
  };
  expect(reasonWith(position)).toBe('claim-released');
  expect(reasonWith({ ...position, keys: 1 })).toBe('vacant-not-fit');
});

test('nobody claims while somebody has paused the set', () => {
  const lease = aSight(aRecord({ holder: null, paused: true }));
  expect(decideIn({ seen: anObservation({ lease }) }).action.kind).toBe('wait');
});

const absent = { kind: 'absent', seenAtMs: ago(100) } as const;

test('in a new set the first to ask in vain claims', () => {
  const seen = anObservation({ lease: absent, inquiry: null });
  expect(decideIn({ seen }).reason).toBe('claim-ask-peers');
  expect(decideIn({ seen: { ...seen, inquiry: anInquiry() } })).toMatchObject({
    reason: 'claim-new',
    action: { record: { revision: null, term: 1 } },
  });
});

test('when somebody deleted the Lease, who remembers less leaves it to who remembers more', () => {
  const seen = anObservation({ lease: absent, peers: bothPeers });
  expect(decideIn({ seen })).toMatchObject({
    reason: 'claim-await-memory',
    wakeAtMs: after(ago(100), 3 * 6060),
  });
  const lastRecord = aRecord();
  const late = { ...seen, lease: { kind: 'absent', seenAtMs: ago(6060) } as const };
  expect(decideIn({ seen: late, memory: { lastRecord } })).toMatchObject({
    reason: 'claim-expired',
    action: { record: { term: 4, lineage: lastRecord.lineage } },
  });
});

test('a pod that never saw the deleted Lease waits for members that are bound to a later leader', () => {
  const seen = anObservation({ lease: { kind: 'absent', seenAtMs: ago(3 * 6060) } });
  const at = (...peers: ReturnType<typeof aPeer>[]): string =>
    decideIn({ seen: { ...seen, peers } }).reason;
  expect(at(aPeer(1, { bound: true }), aPeer(2))).toBe('promise-kept');
  expect(at(aPeer(1), aPeer(2))).toBe('claim-new');
  // An agent that has just started says that it may be bound, and does not know to whom.
  expect(at(aPeer(1, { bound: true, term: 0 }), aPeer(2))).toBe('claim-new');
});

test('who remembers the latest term and has no data to lead with writes a deleted Lease again', () => {
  const lastRecord = aRecord();
  const redis = aRedis({ position: aPosition({ replid: 'foreign' }) });
  const seen = anObservation({ lease: { kind: 'absent', seenAtMs: ago(10_000) }, redis });
  const at = (change: object): ReturnType<typeof decideIn> =>
    decideIn({ seen: { ...seen, ...change }, memory: { lastRecord } });
  expect(at({ inquiry: null }).action.kind).toBe('ask');
  expect(at({})).toMatchObject({
    reason: 'restore-lease',
    action: { record: { revision: null, holder: null, term: 3, lineage: lastRecord.lineage } },
  });
  // Who remembers more does it, and a pod that never saw a Lease has nothing to say.
  expect(at({ peers: [aPeer(1, { term: 4 })] }).reason).toBe('vacant-not-fit');
  expect(decideIn({ seen }).reason).not.toBe('restore-lease');
  // The former leader may go on by the promises of others (I2).
  const early = { kind: 'absent', seenAtMs: ago(100) };
  expect(at({ lease: early }).reason).not.toBe('restore-lease');
});

test('who leads writes a deleted Lease again, and who has led waits like everybody', () => {
  const lastRecord = aRecordOfOurs();
  const late = { term: 3, sentAtMs: ago(timing.fenceDeadlineMs) };
  const fresh = { term: 3, sentAtMs: ago(timing.renewPeriodMs) };
  const seen = anObservation({ lease: absent, redis: aRedis({ source: null }) });
  const decided = (confirmed: typeof late): string =>
    decideIn({ seen: { ...seen, confirmed }, memory: { lastRecord } }).reason;
  expect(decided(fresh)).toBe('takeover-ask-peers');
  expect(decided(late)).toBe('follow-ask-leader');
});

test('who may have named a successor does not write a deleted Lease again', () => {
  const lastRecord = aRecordOfOurs();
  const seen = anObservation({
    lease: absent,
    redis: aPrimary({ fenced: true }),
    confirmed: { term: 3, sentAtMs: ago(500) },
  });
  const reasonWith = (memory: object, change: object = {}): string =>
    decideIn({ seen: { ...seen, ...change }, memory: { lastRecord, ...memory } }).reason;
  expect(reasonWith({})).toBe('open-for-writes');
  expect(reasonWith({ givenAwayAtMs: ago(200) })).toBe('step-down');
  // Nor who hears that somebody leads a later term.
  expect(reasonWith({}, { peers: [aPeer(1, { term: 4 })] })).toBe('step-down');
});

test('a claim outranks every term that was heard of', () => {
  const seen = anObservation({ lease: nobody, peers: [aPeer(1, { term: 8 })] });
  expect(decideIn({ seen }).action).toMatchObject({ record: { term: 9 } });
  const routed = anObservation({ lease: nobody, route: { term: 11, address: null } });
  expect(decideIn({ seen: routed }).action).toMatchObject({ record: { term: 12 } });
});

test('a request that failed is not repeated at once', () => {
  const seen = anObservation({ lease: nobody, leaseFailedAtMs: ago(50) });
  expect(decideIn({ seen })).toMatchObject({ action: { kind: 'wait' }, wakeAtMs: nowMs + 150 });
});

test('the pod that replaces the holder waits while all that it hears may be bound to that one', () => {
  const holder = { pod: 'node-0', uid: 'uid-before' };
  const lease = aSight(aRecord({ holder }), ago(7000));
  const bound = [aPeer(1, { bound: true }), aPeer(2, { bound: true })];
  const at = (peers: readonly ReturnType<typeof aPeer>[]): string =>
    decideIn({ seen: anObservation({ lease, peers }) }).reason;
  expect(at(bound)).toBe('promise-kept');
  expect(at([bound[0]!, aPeer(2)])).toBe('claim-expired');
  expect(at([])).toBe('claim-expired');
  // What they said before the lease had expired may have changed.
  const early = anObservation({ lease, peers: [aPeer(2)], inquiry: anInquiry(ago(2000)) });
  expect(decideIn({ seen: early }).reason).toBe('claim-ask-peers');
  const others = aSight(aRecord(), ago(7000));
  expect(decideIn({ seen: anObservation({ lease: others, peers: bound }) }).reason).toBe(
    'claim-expired',
  );
});

test('what a pod has promised to the former one of this name runs on when it has ended', () => {
  const holder = { pod: 'node-0', uid: 'uid-before' };
  const lease = aSight(aRecord({ holder }), ago(60_000));
  const heardBefore = (ms: number): string => {
    const peers = [aPeer(1, { bound: true, heardAtMs: ago(ms) })];
    return decideIn({ seen: anObservation({ lease, peers, inquiry: anInquiry(ago(10)) }) }).reason;
  };
  const longestMs = timing.promiseMs * 1.01;
  expect(heardBefore(100)).toBe('promise-kept');
  expect(heardBefore(longestMs)).toBe('promise-kept');
  expect(heardBefore(longestMs + 1500)).toBe('claim-expired');
});

test.each<[string, Partial<Observation>, string]>([
  [
    'while the API server is away',
    { lease: aSight(aRecord(), ago(7000)), leaseFailedAtMs: ago(20) },
    'claim-expired',
  ],
  ['while its Redis is away', { redis: { kind: 'down', sinceMs: ago(9000) } }, 'redis-away'],
  [
    'while its Redis hangs',
    { lease: aSight(aRecord({ holder: null })), redis: { kind: 'hung', sinceMs: ago(9000) } },
    'redis-away',
  ],
  [
    'while the set is paused',
    { lease: aSight(aRecord({ holder: null, paused: true })) },
    'vacant-paused',
  ],
])('who cannot claim yet goes on asking the peers where they are, %s', (_, change, reason) => {
  const asked = (ms: number): ReturnType<typeof decideIn> =>
    decideIn({ seen: anObservation({ ...change, inquiry: anInquiry(ago(ms)) }) });
  expect(asked(2 * timing.renewPeriodMs)).toMatchObject({
    reason: 'keep-in-touch',
    action: { kind: 'ask' },
  });
  expect(asked(100)).toMatchObject({ reason, action: { kind: 'wait' } });
  const nearly = asked(2 * timing.renewPeriodMs - 1);
  expect(nearly).toMatchObject({ reason, wakeAtMs: after(nowMs, 1) });
});
