import { expect, test } from '@jest/globals';
import { freshMemory } from '../../../agent/core/decision.ts';
import {
  boundUntil,
  mayBeBound,
  promisedUntil,
  promiseFor,
  promiseMaxMs,
  type GivenPromise,
  type PromiseRequest,
  type Promises,
} from '../../../agent/core/promise.ts';

import { after } from '../../../agent/core/units.ts';
import {
  aLeadersObservation,
  anObservation,
  aPeer,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aSelf,
  aSight,
  aStrictSet,
  aTurn,
  ago,
  decideIn,
  nowMs,
  timing,
} from '../../support/turn.ts';

function aRequest(change: Partial<PromiseRequest> = {}): PromiseRequest {
  const shown = aRecord();
  const known = aRecord();
  const asked = { durationMs: 5000, nowMs, isWriting: false, isGone: false };
  return { self: aSelf(), shown, known, ...asked, ...change };
}

const promised: GivenPromise = {
  leader: { pod: 'node-1', uid: 'uid-1' },
  term: 3,
  untilMs: after(nowMs, 3000),
};

function granted(...agosMs: readonly number[]): Promises {
  const all = agosMs.map((ms, index) => ({
    pod: `node-${index + 1}`,
    uid: `uid-${index + 1}`,
    ordinal: index + 1,
    term: 3,
    sentAtMs: ago(ms),
  }));
  return { askedAtMs: ago(10), granted: all };
}

test('a promise is given to the holder of the highest known term, for longer than was asked', () => {
  expect(promiseFor(aRequest())).toEqual({
    leader: { pod: 'node-1', uid: 'uid-1' },
    term: 3,
    untilMs: nowMs + 5050,
  });
});

test.each([
  ['a later term is known', { known: aRecord({ term: 4 }) }],
  ['nothing is known', { known: null }],
  ['another holds the term', { known: aRecord({ holder: { pod: 'node-2', uid: 'uid-2' } }) }],
  ['this agent holds it', { shown: aRecordOfOurs(), known: aRecordOfOurs() }],
  ['nobody holds it', { shown: aRecord({ holder: null }) }],
  ['a request of ours is on its way', { isWriting: true }],
  ['the pod of the holder is deleted (I2)', { isGone: true }],
])('no promise is given when %s', (_, change) => {
  expect(promiseFor(aRequest(change))).toBeNull();
});

test('no promise binds longer than a minute', () => {
  const given = promiseFor(aRequest({ durationMs: 3_600_000 }));
  expect(given?.untilMs).toBe(nowMs + promiseMaxMs * 1.01);
});

const ofTerm3 = { term: 3, members: 3 };

test('a leader may lead on as long as the oldest of all promises allows, counted from the question', () => {
  const heldMs = timing.promiseMs * 0.98 - timing.fenceTimeoutMs;
  expect(promisedUntil(aSelf(), timing, granted(100, 300), ofTerm3)).toBe(ago(300) + heldMs);
});

test('the promises of some, or of another term, allow nothing', () => {
  expect(promisedUntil(aSelf(), timing, granted(100), ofTerm3)).toBeNull();
  expect(promisedUntil(aSelf(), timing, granted(100, 300), { ...ofTerm3, term: 4 })).toBeNull();
});

test('where a promotion needs a quorum, the promises of W members are enough', () => {
  const self = aSelf({ durability: aStrictSet });
  const heldMs = timing.promiseMs * 0.98 - timing.fenceTimeoutMs;
  expect(promisedUntil(self, timing, granted(100), ofTerm3)).toBe(ago(100) + heldMs);
});

test('while a strict set may be larger than the Lease says, only those that it counts promise for W', () => {
  const self = aSelf({ durability: aStrictSet, members: 5 });
  const beyond = granted(100).granted.map((one) => ({ ...one, ordinal: 3 }));
  const promises = { ...granted(100), granted: beyond };
  expect(promisedUntil(self, timing, promises, ofTerm3)).toBeNull();
  expect(promisedUntil(self, timing, promises, { ...ofTerm3, members: 5 })).not.toBeNull();
});

test("the leader's right ends before the promise does, whichever clock is slow", () => {
  const given = promiseFor(aRequest({ durationMs: timing.promiseMs }));
  const promiserMs = ((given?.untilMs ?? 0) - nowMs) / 1.01;
  const right = promisedUntil(aSelf(), timing, granted(0, 0), ofTerm3);
  const leaderMs = ((right ?? 0) - nowMs + timing.fenceTimeoutMs) / 0.99;
  expect(leaderMs).toBeLessThan(promiserMs);
});

test('promises keep a leader open after its deadline', () => {
  const seen = aLeadersObservation({
    confirmed: { term: 3, sentAtMs: ago(30_000) },
    leaseFailedAtMs: ago(10),
    promises: granted(100, 300),
  });
  const memory = { ...freshMemory(ago(60_000)), right: { term: 3, untilMs: after(nowMs, 1) } };
  expect(decideIn({ seen, memory }).action.kind).not.toBe('fence');
  const unpromised = { ...seen, promises: granted(100) };
  expect(decideIn({ seen: unpromised, memory }).reason).toBe('fence-deadline-passed');
});

test('promises are worth nothing once a member knows a later term', () => {
  const seen = aLeadersObservation({
    confirmed: { term: 3, sentAtMs: ago(30_000) },
    leaseFailedAtMs: ago(10),
    promises: granted(100, 300),
    peers: [aPeer(1), aPeer(2, { term: 4 })],
  });
  const memory = { ...freshMemory(ago(60_000)), right: { term: 3, untilMs: after(nowMs, 1) } };
  expect(decideIn({ seen, memory }).reason).toBe('fence-deadline-passed');
  // By its Lease it leads on: whoever spoke of that term speaks of one that somebody has deleted.
  const renewed = { ...seen, confirmed: { term: 3, sentAtMs: ago(10) } };
  expect(decideIn({ seen: renewed, memory }).action.kind).not.toBe('fence');
});

test('promises do not bring a right back that has ended: members may have forgotten who led since', () => {
  const seen = aLeadersObservation({
    confirmed: { term: 3, sentAtMs: ago(30_000) },
    leaseFailedAtMs: ago(10),
    promises: granted(100, 300),
  });
  for (const right of [null, { term: 3, untilMs: nowMs }, { term: 2, untilMs: after(nowMs, 1) }]) {
    const memory = { ...freshMemory(ago(60_000)), right };
    expect(decideIn({ seen, memory }).reason).toBe('fence-deadline-passed');
  }
});

test('promises do not make a leader of one whose process has no confirmed write', () => {
  const seen = aLeadersObservation({ confirmed: null, promises: granted(1, 1) });
  expect(decideIn({ seen }).reason).toBe('fence-not-holder');
});

test('a leader asks again while it cannot renew, and not while it can', () => {
  const failing = aLeadersObservation({ leaseFailedAtMs: ago(20), promises: granted() });
  const asked = (askedAtMs: Promises['askedAtMs']): string =>
    decideIn({ seen: { ...failing, promises: { askedAtMs, granted: [] } } }).reason;
  expect(asked(null)).toBe('ask-promises');
  expect(asked(ago(500))).toBe('ask-promises');
  expect(asked(ago(499))).not.toBe('ask-promises');
  expect(decideIn({ seen: { ...failing, leaseFailedAtMs: null } }).reason).toBe('leading');
});

test('who has promised claims nothing, and follows on, although the lease has expired', () => {
  const lease = aSight(aRecord(), ago(60_000));
  const expired = anObservation({ lease, promised });
  expect(decideIn({ seen: expired })).toMatchObject({ action: { kind: 'wait' } });
  const over = { ...promised, untilMs: nowMs };
  expect(decideIn({ seen: { ...expired, promised: over } }).reason).toBe('claim-expired');
});

test('who has promised leaves the leader for nobody, and is not promoted', () => {
  const other = { holder: { pod: 'node-2', uid: 'uid-2' }, address: '10.0.0.3', term: 5 };
  const following = anObservation({ lease: aSight(aRecord(other)), promised });
  expect(decideIn({ seen: following })).toMatchObject({
    reason: 'promise-kept',
    wakeAtMs: promised.untilMs,
  });
  const claimant = anObservation({
    lease: aSight(aRecordOfOurs({ term: 5 })),
    confirmed: { term: 5, sentAtMs: ago(90) },
    peers: [aPeer(1), aPeer(2)],
    promised,
  });
  const memory = { takeover: { term: 5, sinceMs: ago(100), promoted: null } };
  expect(decideIn({ seen: claimant, memory }).reason).toBe('promise-kept');
});

test('who has just begun may have promised before (I13)', () => {
  const seen = { promised: null, nowMs, peers: [] };
  const forMs = timing.promiseMs * 1.01;
  expect(mayBeBound({ timing, seen, startedAtMs: ago(forMs - 1) }, aRecord())).toBe(true);
  expect(mayBeBound({ timing, seen, startedAtMs: ago(forMs) }, aRecord())).toBe(false);
  const bound = { timing, seen: { ...seen, promised }, startedAtMs: ago(forMs) };
  expect(mayBeBound(bound, aRecord())).toBe(true);
});

test('a promise ends early when the leader itself gives the term up', () => {
  const bound = (record = aRecord(), peers = [aPeer(1)]): unknown =>
    boundUntil(aTurn({ seen: anObservation({ promised, peers }) }), record);
  const handover = { from: 'node-1', cause: 'switchover', replid: 'h3', offset: 1 } as const;
  expect(bound()).toBe(promised.untilMs);
  expect(bound(aRecordOfOurs({ term: 4, handover }))).toBeNull();
  expect(bound(aRecordOfOurs({ term: 4, handover: { ...handover, from: 'node-2' } }))).toBe(
    promised.untilMs,
  );
  expect(bound(aRecord({ holder: null }))).toBeNull();
  expect(bound(aRecord({ term: 4 }))).toBeNull();
  const later = aRecord({ term: 6, holder: { pod: 'node-2', uid: 'uid-2' } });
  expect(bound(later, [aPeer(1, { term: 6 })])).toBeNull();
  const leading = aPeer(1, { term: 6, leading: true, position: aPrimary().position });
  expect(bound(later, [leading])).toBe(promised.untilMs);
});
