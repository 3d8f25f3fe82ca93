import { expect, test } from '@jest/globals';
import { noRequests, type Requests } from '../../../agent/core/observation.ts';
import { after } from '../../../agent/core/units.ts';
import {
  aLeadersObservation,
  anObservation,
  aPeer,
  aPosition,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aRedis,
  aSight,
  ago,
  anInquiry,
  decideIn,
  nowMs,
} from '../../support/turn.ts';

function naming(to: string): Requests {
  return { ...noRequests, override: { to, atMs: ago(70) } };
}

const peers = [aPeer(1), aPeer(2, { position: aPosition({ replid: 'foreign', keys: 3 }) })];

test('the holder refuses writes before it names the one that a person wants', () => {
  const seen = aLeadersObservation({ requests: naming('node-2'), peers });
  expect(decideIn({ seen }).action).toEqual({ kind: 'fence', cutClients: true });
  const fenced = { ...seen, redis: aPrimary({ fenced: true }) };
  expect(decideIn({ seen: fenced }).action).toMatchObject({
    kind: 'write-lease',
    record: {
      term: 4,
      holder: { pod: 'node-2', uid: 'uid-2' },
      handover: { cause: 'override', from: 'node-0', replid: 'foreign' },
    },
    tell: { pod: 'node-2' },
  });
});

test.each([
  ['does not answer', 'leading', { peers: [aPeer(1)] }],
  ['cannot be named yet', 'leading', { peers, busy: { lease: true, route: false } }],
  ['could not be named', 'ask-promises', { peers, leaseFailedAtMs: ago(20) }],
])('a leader goes on while the one that a person wants %s', (_, reason, change) => {
  const seen = aLeadersObservation({ requests: naming('node-2'), ...change });
  expect(decideIn({ seen }).reason).toBe(reason);
});

test('the pod that replaces the holder is not named while all others may be bound to that one (I2)', () => {
  const holder = { pod: 'node-0', uid: 'uid-before' };
  const lease = aSight(aRecord({ holder }), ago(60_000));
  const bound = [aPeer(1, { bound: true }), aPeer(2, { bound: true })];
  const seen = anObservation({ lease, requests: naming('node-0'), inquiry: anInquiry() });
  expect(decideIn({ seen: { ...seen, peers: bound } }).reason).toBe('promise-kept');
  const free = [aPeer(1, { bound: true }), aPeer(2)];
  expect(decideIn({ seen: { ...seen, peers: free } }).reason).toBe('override-name');
});

test('the named one is promoted whatever its data, and its history begins the lineage anew', () => {
  const handover = { from: 'node-1', cause: 'override', replid: 'foreign', offset: 5 } as const;
  const lease = aSight(aRecordOfOurs({ term: 4, handover }));
  const confirmed = { term: 4, sentAtMs: ago(50) };
  const foreign = aPosition({ replid: 'foreign', keys: 3 });
  const named = anObservation({ lease, confirmed, redis: aRedis({ position: foreign }) });
  const promotion = decideIn({ seen: named });
  expect(promotion.action).toEqual({ kind: 'promote' });
  const position = aPosition({
    ...{ role: 'primary', replid: 'new', replid2: 'foreign', forkOffset: 5, offset: 5 },
  });
  const promoted = anObservation({
    ...{ lease, confirmed, redis: aPrimary({ fenced: true, position }) },
    route: { term: 4, address: '10.0.0.1' },
  });
  expect(decideIn({ seen: promoted, memory: promotion.memory }).action).toMatchObject({
    kind: 'write-lease',
    record: { lineage: [{ term: 4, replid: 'new', offset: 5 }] },
  });
});

test('without a holder, whoever was asked claims the Lease, whatever its own data', () => {
  const redis = aRedis({ position: aPosition({ replid: 'x', keys: 0 }) });
  const lease = aSight(aRecord({ holder: null, address: null }));
  const seen = anObservation({ lease, redis, requests: naming('node-2') });
  expect(decideIn({ seen })).toMatchObject({
    reason: 'override-name',
    action: { record: { term: 4, holder: { pod: 'node-0' } } },
  });
});

test('without a Lease, whoever was asked hears first who may lead by the promises of others', () => {
  const absent = { kind: 'absent', seenAtMs: ago(3 * 6060) } as const;
  const seen = anObservation({ lease: absent, requests: naming('node-0'), inquiry: null });
  expect(decideIn({ seen }).action).toEqual({ kind: 'ask' });
  const asked = { ...seen, inquiry: anInquiry() };
  expect(decideIn({ seen: { ...asked, peers: [aPeer(1)] } }).reason).toBe('override-name');
  const bound = [aPeer(1, { bound: true })];
  expect(decideIn({ seen: { ...asked, peers: bound } }).reason).toBe('promise-kept');
});

test('a living holder is not robbed: it is asked', () => {
  const seen = anObservation({ requests: naming('node-0') });
  expect(decideIn({ seen }).reason).toBe('following');
});

test('an override that is done changes nothing more', () => {
  const leading = aLeadersObservation({ requests: naming('node-0') });
  expect(decideIn({ seen: leading }).reason).toBe('leading');
  const followed = anObservation({ requests: naming('node-1') });
  expect(decideIn({ seen: followed }).reason).toBe('following');
});

test('a pause is written by whoever was asked, once, and leaves the holder as it is', () => {
  const pause = { ...noRequests, pause: true };
  expect(decideIn({ seen: anObservation({ requests: pause }) }).action).toMatchObject({
    kind: 'write-lease',
    record: { ...aRecord(), paused: true },
  });
  const paused = anObservation({ requests: pause, lease: aSight(aRecord({ paused: true })) });
  expect(decideIn({ seen: paused }).reason).toBe('following');
});

test('a holder that has promised to stay with another does not name itself meanwhile', () => {
  const leader = { pod: 'node-1', uid: 'uid-1' };
  const lease = aSight(aRecordOfOurs({ term: 5 }));
  const confirmed = { term: 5, sentAtMs: ago(50) };
  const redis = aRedis({ source: null });
  const seen = anObservation({ lease, confirmed, redis, requests: naming('node-0'), peers });
  expect(decideIn({ seen })).toMatchObject({
    reason: 'override-name',
    action: { record: { term: 6, holder: { pod: 'node-0' } } },
  });
  const promised = { leader, term: 3, untilMs: after(nowMs, 500) };
  const { action } = decideIn({ seen: { ...seen, promised } });
  expect(action.kind).not.toBe('write-lease');
});
