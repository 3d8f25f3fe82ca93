import { expect, test } from '@jest/globals';
import { noRequests } from '../../../agent/core/observation.ts';
import {
  aLeadersObservation,
  aPeer,
  aPosition,
  aRecordOfOurs,
  aSight,
  ago,
  anInquiry,
  decideIn,
  nowMs,
  timing,
} from '../../support/turn.ts';

const down = { kind: 'down', sinceMs: ago(100) } as const;
const hung = { kind: 'hung', sinceMs: ago(100) } as const;
const bothPeers = [aPeer(1), aPeer(2)];
const ending = { ...noRequests, stop: 'pod' } as const;

test('a leader whose Redis died names the best follower, with what that one has', () => {
  const peers = [aPeer(1), aPeer(2, { position: aPosition({ offset: 950 }) })];
  expect(decideIn({ seen: aLeadersObservation({ redis: down, peers }) }).action).toMatchObject({
    record: {
      term: 4,
      holder: { pod: 'node-2' },
      handover: { cause: 'redis-down', replid: 'h3', offset: 950 },
    },
    tell: { pod: 'node-2' },
  });
});

test('a hung Redis is fenced by a command that waits in its socket, before anybody is named', () => {
  const seen = aLeadersObservation({ redis: hung, peers: bothPeers });
  const first = decideIn({ seen });
  expect(first.action.kind).toBe('fence');
  const second = decideIn({ seen, memory: first.memory });
  expect(second.action).toMatchObject({ record: { handover: { cause: 'redis-hung' } } });
});

test('a leader asks only after its Redis was gone: older answers may be of the time before', () => {
  const seen = aLeadersObservation({ redis: down, peers: bothPeers, inquiry: anInquiry(ago(101)) });
  expect(decideIn({ seen }).action.kind).toBe('ask');
});

test('a leader that has just started waits for its connection before it gives its Redis up', () => {
  const redis = { ...down, sinceMs: ago(10) };
  const seen = aLeadersObservation({ redis, peers: bothPeers, inquiry: anInquiry(ago(5)) });
  const decision = decideIn({ seen, memory: { startedAtMs: ago(10) } });
  expect(decision).toMatchObject({
    reason: 'redis-away',
    wakeAtMs: nowMs - 10 + timing.fenceTimeoutMs,
  });
});

test.each([
  ['nobody answers', []],
  ['nobody has the recorded data', [aPeer(1, { position: aPosition({ replid: 'x' }) })]],
  ['all are of priority 0', [aPeer(1, { priority: 0 })]],
])('a leader without a Redis keeps the lease while %s', (_, peers) => {
  const seen = aLeadersObservation({ redis: down, peers });
  expect(decideIn({ seen }).reason).toBe('redis-away-nobody-fit');
  const due = { ...seen, confirmed: { term: 3, sentAtMs: ago(timing.renewPeriodMs) } };
  expect(decideIn({ seen: due }).action).toMatchObject({
    record: { term: 3, holder: { pod: 'node-0' } },
  });
});

test('nobody is named while somebody has paused the set', () => {
  const lease = aSight(aRecordOfOurs({ paused: true }));
  const seen = aLeadersObservation({ lease, redis: down, peers: bothPeers });
  expect(decideIn({ seen }).reason).toBe('redis-away-nobody-fit');
});

test('a pod that goes away without a successor releases the lease', () => {
  const seen = aLeadersObservation({ redis: down, requests: ending });
  expect(decideIn({ seen }).action).toMatchObject({ record: { holder: null, term: 3 } });
});

test('an agent that is told to stop does not wait for an API server that refuses its release', () => {
  const requests = { ...noRequests, stop: 'agent' } as const;
  const seen = aLeadersObservation({ redis: down, requests });
  expect(decideIn({ seen }).action).toMatchObject({ record: { holder: null } });
  expect(decideIn({ seen: { ...seen, leaseFailedAtMs: ago(300) } }).action).toEqual({
    kind: 'exit',
  });
});

test('a Redis that refuses only its agent may be taking writes: its leader names nobody', () => {
  const redis = { kind: 'refusing', sinceMs: ago(100) } as const;
  for (const requests of [ending, noRequests]) {
    const seen = aLeadersObservation({ redis, peers: bothPeers, requests });
    expect(decideIn({ seen }).reason).toBe('redis-away-nobody-fit');
  }
});
