import { expect, test } from '@jest/globals';
import { lateClientsMs } from '../../../agent/core/demotion.ts';
import { after, never } from '../../../agent/core/units.ts';
import {
  aPeer,
  aPosition,
  aPrimary,
  aRecord,
  aRedis,
  aSight,
  ago,
  anInquiry,
  anObservation,
  decideIn,
  nowMs,
} from '../../support/turn.ts';

const alone = aRedis({ source: null });
const leader = aPeer(1, { leading: true, position: aPrimary().position });

test('a follower replicates from a leader that says itself that it is', () => {
  const seen = anObservation({ redis: alone, peers: [leader] });
  expect(decideIn({ seen }).action).toEqual({
    kind: 'follow',
    leader: { pod: 'node-1', uid: 'uid-1', address: '10.0.0.2' },
    cutClients: false,
  });
});

test.each([
  ['said so before the record was as it is', { askedAtMs: ago(101) }],
  ['is no primary', { position: aPosition() }],
  [
    'has another history than the recorded one',
    { position: aPosition({ role: 'primary', replid: 'h2' }) },
  ],
  ['has no Redis that answers', { position: null }],
  ['is another pod of the same name', { uid: 'twin' }],
  ['is in a later term already', { term: 4 }],
] as const)('a follower does not replicate from a leader that %s', (_, change) => {
  const seen = anObservation({ redis: alone, peers: [{ ...leader, ...change }], inquiry: null });
  expect(decideIn({ seen }).reason).toBe('follow-ask-leader');
});

test('a follower whose record is out of date replicates from nobody', () => {
  const peers = [leader, aPeer(2, { term: 4 })];
  const seen = anObservation({ redis: alone, peers, inquiry: null });
  expect(decideIn({ seen }).reason).toBe('follow-ask-leader');
});

test.each([
  ['at once when its data are of a leader of the record', 'h2', 'follow-leader'],
  ['not before all have answered when they are of another', 'h9', 'follow-ask-leader'],
] as const)('a follower joins a leader %s', (_, replid, reason) => {
  const redis = aRedis({ source: null, position: aPosition({ replid }) });
  const inquiry = { ...anInquiry(), done: false };
  expect(decideIn({ seen: anObservation({ redis, peers: [leader], inquiry }) }).reason).toBe(
    reason,
  );
  const answered = anObservation({ redis, peers: [leader] });
  const memory = { history: { replid, sinceMs: ago(9000) } };
  expect(decideIn({ seen: answered, memory }).reason).toBe('follow-leader');
});

test('whoever has come to a former leader since it stepped down is led to the next one', () => {
  const memory = { demotion: { sinceMs: ago(60_000), cutAtMs: ago(57_000), presumed: false } };
  const first = decideIn({ seen: anObservation({ redis: alone, peers: [leader] }), memory });
  expect(first).toMatchObject({ reason: 'follow-leader', action: { cutClients: true } });
  expect(first.memory.demotion).toEqual({ sinceMs: never, cutAtMs: ago(0), presumed: false });
});

test('whoever reads from a replica that followed for a while stays when the next leader comes', () => {
  const memory = { demotion: { sinceMs: ago(lateClientsMs), cutAtMs: ago(500), presumed: false } };
  const { demotion } = decideIn({ seen: anObservation(), memory }).memory;
  expect(demotion).toBeNull();
  const decision = decideIn({ seen: anObservation({ redis: alone, peers: [leader] }) });
  expect(decision).toMatchObject({ reason: 'follow-leader', action: { cutClients: false } });
});

test.each([
  ['an old leader', '10.0.0.3'],
  ['the new holder', '10.0.0.2'],
])('until the holder has recorded its history a follower leaves %s', (_, address) => {
  const lease = aSight(aRecord({ term: 4 }));
  const redis = aRedis({ source: { address, linkUp: true } });
  expect(decideIn({ seen: anObservation({ lease, redis }) }).action.kind).toBe('withdraw');
});

test('a leader without a usable answer is asked again after a while', () => {
  const seen = anObservation({ redis: alone, peers: [], inquiry: anInquiry(ago(60)) });
  expect(decideIn({ seen })).toMatchObject({ action: { kind: 'wait' }, wakeAtMs: ago(60 - 250) });
  const later = { ...seen, inquiry: anInquiry(ago(90)), lease: aSight(aRecord(), ago(400)) };
  expect(decideIn({ seen: { ...later, inquiry: anInquiry(ago(250)) } }).action.kind).toBe('ask');
});

test('a follower wakes when the lease of a silent leader expires', () => {
  const lease = aSight(aRecord(), ago(6000));
  expect(decideIn({ seen: anObservation({ lease }) }).wakeAtMs).toBe(ago(-60));
});

test('clients of a Redis that may be a primary by the time it is told to leave are cut', () => {
  const unled = aSight(aRecord({ term: 4, lineage: [] }));
  const decision = (answered: boolean): ReturnType<typeof decideIn> =>
    decideIn({
      seen: anObservation({ lease: unled, redis: { ...aRedis(), answered } }),
      memory: { demotion: null },
    });
  expect(decision(true)).toMatchObject({
    reason: 'withdraw-from-old-leader',
    action: { cutClients: false },
    memory: { demotion: null },
  });
  expect(decision(false)).toMatchObject({
    reason: 'withdraw-from-old-leader',
    action: { cutClients: true },
    memory: { demotion: { sinceMs: never } },
  });
  const redis = { ...alone, answered: false };
  const seen = anObservation({ redis, peers: [leader] });
  const following = decideIn({ seen, memory: { demotion: null } });
  expect(following).toMatchObject({ reason: 'follow-leader', action: { cutClients: true } });
});

test('data of a leader that nobody knew of yet are not given up on what was said before they came (I9)', () => {
  const redis = aRedis({
    position: aPosition({ replid: 'h4' }),
    source: { address: '10.0.0.3', linkUp: true },
  });
  const seen = anObservation({ redis, peers: [leader, aPeer(2)] });
  const since = (sinceMs: typeof nowMs): ReturnType<typeof decideIn> =>
    decideIn({ seen, memory: { history: { replid: 'h4', sinceMs } } });
  expect(since(anInquiry().askedAtMs).reason).toBe('follow-leader');
  expect(since(after(anInquiry().askedAtMs, 1)).reason).toBe('follow-ask-leader');
  // Never seen before this look.
  expect(
    decideIn({ seen, memory: { history: { replid: 'h3', sinceMs: ago(9000) } } }),
  ).toMatchObject({
    reason: 'follow-ask-leader',
    action: { kind: 'ask' },
    memory: { history: { replid: 'h4', sinceMs: nowMs } },
  });
});

test('a look that was not answered shows no other history', () => {
  const history = { replid: 'h9', sinceMs: ago(9000) };
  for (const redis of [
    { ...aRedis(), answered: false },
    { kind: 'down', sinceMs: ago(10) },
  ] as const) {
    const seen = anObservation({ redis });
    expect(decideIn({ seen, memory: { history } }).memory.history).toEqual(history);
  }
});
