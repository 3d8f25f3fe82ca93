import { expect, test } from '@jest/globals';
import { noRequests } from '../../../agent/core/observation.ts';
import type { HandoverPlan } from '../../../agent/core/decision.ts';
import { handoverLagBytesMax, handoverRetryMs, pauseMaxMs } from '../../../agent/core/handover.ts';
import { after } from '../../../agent/core/units.ts';
import {
  aGuardedSet,
  aLeadersObservation,
  aPeer,
  aPosition,
  aPrimary,
  aRecordOfOurs,
  aSight,
  ago,
  anInquiry,
  decideIn,
  nowMs,
  timing,
} from '../../support/turn.ts';

const bothPeers = [aPeer(1), aPeer(2)];
const plan: HandoverPlan = {
  to: { pod: 'node-2', uid: 'uid-2', address: '10.0.0.3' },
  pausedAtMs: ago(80),
  pausedUntilMs: after(nowMs, 900),
};
const fenced = aPrimary({ fenced: true });

function asked(to: string | null = null): ReturnType<typeof aLeadersObservation>['requests'] {
  return { ...noRequests, switchover: { to, atMs: ago(70) } };
}

test('a hand-over holds writes back for as long as it may take, and no longer than the right to lead', () => {
  const seen = aLeadersObservation({ requests: asked(), peers: bothPeers });
  expect(decideIn({ seen }).action).toEqual({ kind: 'pause', forMs: pauseMaxMs });
  const sentAtMs = ago(timing.fenceDeadlineMs - timing.fenceTimeoutMs - 700);
  const late = { ...seen, confirmed: { term: 3, sentAtMs } };
  expect(decideIn({ seen: late }).action).toEqual({ kind: 'pause', forMs: 700 });
});

test('a hand-over does not begin when the right to lead is about to end', () => {
  const sentAtMs = ago(timing.fenceDeadlineMs - timing.fenceTimeoutMs - 200);
  const seen = aLeadersObservation({ requests: asked(), peers: bothPeers });
  const decision = decideIn({ seen: { ...seen, confirmed: { term: 3, sentAtMs } } });
  expect(decision.action.kind).not.toBe('pause');
});

test.each([
  ['the best one', null, bothPeers, 'node-1'],
  ['the one that somebody asks for', 'node-2', bothPeers, 'node-2'],
])('writes are held back for %s', (_, to, peers, successor) => {
  const seen = aLeadersObservation({ requests: asked(to), peers });
  expect(decideIn({ seen }).memory.handover?.to.pod).toBe(successor);
});

test.each([
  ['has another history', { replid: 'h2', offset: 500 }],
  ['is not whole', { whole: false }],
  ['is too far behind', { offset: 900 }],
])('a pod that %s is no successor', (_, position) => {
  const own = aPrimary().position;
  const redis = aPrimary({ position: { ...own, offset: 901 + handoverLagBytesMax } });
  const peers = [aPeer(1, { position: aPosition(position) })];
  const seen = aLeadersObservation({ redis, requests: asked(), peers });
  expect(decideIn({ seen }).reason).toBe('leading');
});

test.each([
  ['is left out for a while', 'uid-1', handoverRetryMs - 1, 'leading'],
  ['is tried again after a while', 'uid-1', handoverRetryMs, 'handover-pause'],
  ['and was made anew is tried at once', 'uid-9', 1, 'handover-pause'],
])('a pod that did not catch up %s', (_, uid, agoMs, reason) => {
  const seen = aLeadersObservation({ requests: asked(), peers: [aPeer(1)] });
  const memory = { handoverTried: [{ uid, atMs: ago(agoMs) }] };
  expect(decideIn({ seen, memory }).reason).toBe(reason);
});

test('while nobody is fit all are asked again and again, also when a person waits for it', () => {
  const requests = { ...noRequests, switchover: { to: null, atMs: ago(2000) } };
  const seen = (askedMs: number): ReturnType<typeof aLeadersObservation> =>
    aLeadersObservation({ requests, inquiry: anInquiry(ago(askedMs)), peers: [] });
  expect(decideIn({ seen: seen(499) }).reason).toBe('leading');
  expect(decideIn({ seen: seen(501) })).toMatchObject({
    ...{ reason: 'handover-ask-peers', action: { kind: 'ask' } },
  });
});

test('a leader that asks who could follow renews the Lease meanwhile', () => {
  const seen = aLeadersObservation({
    ...{ requests: asked(), peers: [], inquiry: anInquiry(ago(60), false) },
    confirmed: { term: 3, sentAtMs: ago(timing.renewPeriodMs) },
  });
  expect(decideIn({ seen }).reason).toBe('renew');
});

test('who answers an earlier question while the last one is out may be handed over to, after one more answer', () => {
  const late = aPeer(1, { askedAtMs: ago(900), heardAtMs: ago(50) });
  const begun = decideIn({ seen: aLeadersObservation({ requests: asked(), peers: [late] }) });
  expect(begun.reason).toBe('handover-pause');
  const { handover } = begun.memory;
  const held = { ...plan, ...handover, pausedAtMs: ago(100) };
  const seen = aLeadersObservation({ peers: [late] });
  expect(decideIn({ seen, memory: { handover: held } }).reason).toBe('handover-await-offset');
  const before = aPeer(1, { askedAtMs: ago(900), heardAtMs: ago(880) });
  const silent = aLeadersObservation({ requests: asked(), peers: [before] });
  expect(decideIn({ seen: silent }).reason).toBe('leading');
});

test('who has paused the set wants no hand-over either', () => {
  const lease = aSight(aRecordOfOurs({ paused: true }));
  const seen = aLeadersObservation({ lease, requests: asked(), peers: bothPeers });
  expect(decideIn({ seen }).reason).toBe('leading');
});

test.each([
  ['has not answered since writes are held back', aPeer(2, { heardAtMs: ago(90) })],
  ['lacks a byte', aPeer(2, { position: aPosition({ offset: 899 }) })],
  ['speaks of another history', aPeer(2, { position: aPosition({ replid: 'h9' }) })],
])('a successor that %s is asked again', (_, peer) => {
  const seen = aLeadersObservation({ peers: [peer] });
  expect(decideIn({ seen, memory: { handover: plan } }).reason).toBe('handover-await-offset');
});

test('writes are fenced for good before anybody is named', () => {
  const seen = aLeadersObservation({ peers: bothPeers });
  expect(decideIn({ seen, memory: { handover: plan } }).action.kind).toBe('fence');
});

test('nobody is named by what a Redis was before it fell silent', () => {
  const silent = { ...fenced, answered: false };
  const seen = aLeadersObservation({ redis: silent, peers: bothPeers });
  expect(decideIn({ seen, memory: { handover: plan } }).reason).toBe('handover-await-offset');
});

test('what a person has set is put right before anybody is asked to take over', () => {
  const lease = aSight(aRecordOfOurs({ requiredReplicas: 1 }));
  const seen = aLeadersObservation({ lease, requests: asked(), inquiry: null });
  expect(decideIn({ seen, self: { durability: aGuardedSet } })).toMatchObject({
    reason: 'open-for-writes',
    action: { kind: 'admit', requiredReplicas: 1 },
  });
});

test('the successor is named with the history and the offset that it has to have', () => {
  const seen = aLeadersObservation({ redis: fenced, peers: bothPeers });
  const decision = decideIn({ seen, memory: { handover: plan } });
  expect(decision.action).toMatchObject({
    record: {
      term: 4,
      holder: { pod: 'node-2' },
      handover: { from: 'node-0', cause: 'switchover', replid: 'h3', offset: 900 },
    },
    tell: plan.to,
  });
  expect(decision.memory.givenAwayAtMs).toBe(nowMs);
});

const overdue = { ...plan, pausedUntilMs: after(nowMs, 99) };

test('a leader that waits for its successor wakes before its writes come back by themselves', () => {
  const pending = { ...anInquiry(ago(20)), done: false };
  const seen = aLeadersObservation({ peers: [], inquiry: pending });
  const handover = { ...plan, pausedUntilMs: after(nowMs, 600) };
  expect(decideIn({ seen, memory: { handover } })).toMatchObject({
    reason: 'handover-await-offset',
    action: { kind: 'wait' },
    wakeAtMs: after(nowMs, 500),
  });
});

test('a hand-over that takes too long is undone, and another successor may be tried', () => {
  const seen = aLeadersObservation({ redis: fenced });
  const decision = decideIn({ seen, memory: { handover: overdue } });
  expect(decision.action).toEqual({ kind: 'admit', requiredReplicas: 0 });
  expect(decision.memory).toMatchObject({
    handover: null,
    handoverTried: [{ uid: 'uid-2', atMs: nowMs }],
  });
});

test('a hand-over is undone only when the request that names the successor can no longer be carried out', () => {
  const seen = aLeadersObservation({ redis: fenced });
  const named = { handover: overdue, givenAwayAtMs: ago(60) };
  expect(decideIn({ seen, memory: named })).toMatchObject({
    reason: 'take-back',
    action: { kind: 'write-lease', record: { term: 3, holder: { pod: 'node-0' } } },
  });
  const renewed = { ...seen, confirmed: { term: 3, sentAtMs: ago(10) } };
  expect(decideIn({ seen: renewed, memory: named }).reason).toBe('handover-undo');
});

test('nothing is undone while a request is out that may name the successor', () => {
  const seen = aLeadersObservation({
    redis: fenced,
    peers: bothPeers,
    busy: { lease: true, route: false },
  });
  expect(decideIn({ seen, memory: { handover: overdue } }).action.kind).toBe('wait');
});
