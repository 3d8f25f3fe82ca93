import { expect, test } from '@jest/globals';
import { newerWaitMs } from '../../../agent/core/newest.ts';
import type { Observation, PeerSight } from '../../../agent/core/observation.ts';
import type { nowMs } from '../../support/turn.ts';
import {
  aGuardedSet,
  aLeadersObservation,
  anInquiry,
  anObservation,
  aPeer,
  aPosition,
  aPrimary,
  aRecordOfOurs,
  aRedis,
  aSight,
  ago,
  decideIn,
} from '../../support/turn.ts';

const confirmed = { term: 4, sentAtMs: ago(100) };

/** This agent has claimed, with data up to 900, a set that had come to `lastOffset`. */
function aClaimant(lastOffset: number, peers: readonly PeerSight[]): Observation {
  const lease = aSight(aRecordOfOurs({ term: 4, lastOffset }));
  return anObservation({ lease, confirmed, peers, inquiry: anInquiry(ago(70)) });
}

function since(ms: number): { takeover: { term: number; sinceMs: typeof nowMs; promoted: null } } {
  return { takeover: { term: 4, sinceMs: ago(ms), promoted: null } };
}

test('a claimant that lacks what somebody has waits for who is not back', () => {
  const seen = aClaimant(901, [aPeer(1)]);
  expect(decideIn({ seen, memory: since(400) }).reason).toBe('takeover-await-newer');
  const enough = aClaimant(900, [aPeer(1)]);
  expect(decideIn({ seen: enough, memory: since(400) }).reason).toBe('promote');
});

test('it does not wait when everybody has answered, nor for ever', () => {
  const all = aClaimant(901, [aPeer(1), aPeer(2)]);
  expect(decideIn({ seen: all, memory: since(400) }).reason).toBe('promote');
  const seen = aClaimant(901, [aPeer(1)]);
  expect(decideIn({ seen, memory: since(newerWaitMs) }).reason).toBe('promote');
});

test('a set that blocks waits for a person instead', () => {
  const seen = aClaimant(901, [aPeer(1)]);
  const self = { durability: { ...aGuardedSet, onReplicaLoss: 'block' as const } };
  const waiting = decideIn({ seen, self, memory: since(10 * newerWaitMs) });
  expect(waiting.reason).toBe('takeover-await-newer');
});

test('who was not there for the last term lacks what came in it', () => {
  const old = aRedis({ position: aPosition({ replid: 'h2', offset: 500 }) });
  const reason = (lastOffset: number): string =>
    decideIn({
      seen: { ...aClaimant(lastOffset, [aPeer(1, { position: null })]), redis: old },
      memory: since(400),
    }).reason;
  expect(reason(501)).toBe('takeover-await-newer');
  // Counted anew since: less is no sign of having all.
  expect(reason(14)).toBe('takeover-await-newer');
  expect(reason(500)).toBe('promote');
});

test('a leader whose Redis is away names nobody that lacks what a replica had', () => {
  const away = aLeadersObservation({
    lease: aSight(aRecordOfOurs({ lastOffset: 901 })),
    redis: { kind: 'down', sinceMs: ago(100) },
    peers: [aPeer(1), aPeer(2)],
  });
  expect(decideIn({ seen: away }).reason).toBe('redis-away-await-newer');
});

test('the last leader, back from its append-only file, has all although its note runs behind', () => {
  const position = aPosition({ exact: false, offset: 850 });
  const restarted = aLeadersObservation({
    lease: aSight(aRecordOfOurs({ lastOffset: 901 })),
    redis: aRedis({ position, source: null }),
    peers: [aPeer(1, { position: null })],
    inquiry: anInquiry(ago(70)),
  });
  const memory = { takeover: { term: 3, sinceMs: ago(400), promoted: null } };
  expect(decideIn({ seen: restarted, memory }).reason).toBe('restarted-in-place');
});

test('a renewal publishes what a replica has, or what a leader that writes alone has itself', () => {
  const due = { confirmed: { term: 3, sentAtMs: ago(1500) } };
  const renewal = (redis: Partial<ReturnType<typeof aPrimary>>): unknown =>
    decideIn({ seen: aLeadersObservation({ ...due, redis: aPrimary(redis) }) }).action;
  const publishing = (lastOffset: number): object => ({ record: { lastOffset } });
  expect(renewal({ ackedOffset: 895 })).toMatchObject(publishing(895));
  expect(renewal({ ackedOffset: 1 })).toMatchObject(publishing(880));
  expect(renewal({ ackedOffset: null })).toMatchObject(publishing(900));
});
