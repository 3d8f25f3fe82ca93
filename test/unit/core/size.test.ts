import { expect, test } from '@jest/globals';
import { unwritten } from '../../../agent/core/lease.ts';
import type { Observation, PeerSight, Self } from '../../../agent/core/observation.ts';
import { monotonic } from '../../../agent/core/units.ts';
import {
  aGuardedSet,
  aLeadersObservation,
  anInquiry,
  anObservation,
  aPeer,
  aPosition,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aRedis,
  aSight,
  aStrictSet,
  ago,
  decideIn,
} from '../../support/turn.ts';

const five = { members: 5, askedAtMs: ago(400) };
const two = { members: 2, askedAtMs: ago(400) };
const known = { lastRecord: aRecordOfOurs(), sizedAtMs: ago(20_000) };

function sizeWritten(seen: Observation, memory: object = known): number | null {
  const { action, reason } = decideIn({ memory, seen });
  const isSize = reason === 'size-raise' || reason === 'size-lower';
  return isSize && action.kind === 'write-lease' ? action.record.members : null;
}

test('a pod that the Lease does not count follows nobody, and claims nothing', () => {
  const self = { pod: 'node-3', uid: 'uid-3', ordinal: 3, members: 5 };
  const redis = aRedis({ source: null });
  const following = decideIn({ self, seen: anObservation({ redis, peers: [aPeer(1)] }) });
  expect(following.reason).toBe('await-membership');
  const lease = aSight(aRecord({ holder: null, address: null }));
  expect(decideIn({ self, seen: anObservation({ redis, lease }) }).reason).toBe('await-membership');
  const counted = aSight(aRecord({ holder: null, address: null, members: 5 }));
  const inquiry = { ...anInquiry(), members: 5 };
  expect(decideIn({ self, seen: anObservation({ redis, lease: counted, inquiry }) }).reason).toBe(
    'claim-released',
  );
});

test('a pod that the Lease no longer counts leaves the leader', () => {
  const self = { pod: 'node-3', uid: 'uid-3', ordinal: 3, members: 5 };
  expect(decideIn({ self, seen: anObservation() }).action.kind).toBe('withdraw');
});

test('the leader counts new pods as soon as the StatefulSet has them', () => {
  expect(sizeWritten(aLeadersObservation({ scale: five }))).toBe(5);
  expect(sizeWritten(aLeadersObservation({ scale: { ...five, members: 3 } }))).toBeNull();
  expect(sizeWritten(aLeadersObservation())).toBeNull();
});

test('what was read of the StatefulSet before the Lease had its size is not believed', () => {
  const memory = { ...known, sizedAtMs: ago(300) };
  expect(sizeWritten(aLeadersObservation({ scale: five }), memory)).toBeNull();
  const old = { ...five, askedAtMs: ago(30_000) };
  expect(
    sizeWritten(aLeadersObservation({ scale: old }), { ...known, sizedAtMs: ago(40_000) }),
  ).toBe(null);
});

test('the leader ceases to count pods that were scaled away once they are silent', () => {
  const gone = [aPeer(1), aPeer(2, { heardAtMs: ago(7000) })];
  expect(sizeWritten(aLeadersObservation({ scale: two, peers: gone }))).toBe(2);
  const answers = [aPeer(1), aPeer(2, { heardAtMs: ago(3000) })];
  expect(sizeWritten(aLeadersObservation({ scale: two, peers: answers }))).toBeNull();
});

test('a Lease of an agent that knew no size is given one by its next leader', () => {
  const lease = aSight(aRecordOfOurs({ members: 0 }));
  expect(sizeWritten(aLeadersObservation({ lease }))).toBe(3);
  const self = { members: 2 };
  const first = anObservation({
    lease: { kind: 'absent', seenAtMs: ago(100) },
    peers: [aPeer(1, { term: 0 })],
  });
  const { action } = decideIn({ self, memory: { lastRecord: unwritten }, seen: first });
  expect(action.kind === 'write-lease' ? action.record.members : action.kind).toBe(2);
});

const unled = { term: 4, lineage: aRecord().lineage };
const claimed = aLeadersObservation({
  lease: aSight(aRecordOfOurs({ ...unled, members: 5 })),
  confirmed: { term: 4, sentAtMs: ago(300) },
  redis: aRedis({ source: null }),
});
const takeover = { term: 4, sinceMs: ago(400), promoted: null };
const better = aPeer(4, { position: aPosition({ offset: 90_000 }) });

test('who takes over asks every pod that the Lease counts, whatever its own configuration says', () => {
  const few = decideIn({ memory: { takeover }, seen: { ...claimed, peers: [aPeer(1), aPeer(2)] } });
  expect([few.reason, few.action.kind]).toEqual(['takeover-ask-peers', 'ask']);
  const peers = [aPeer(1), aPeer(2), better];
  const inquiry = { ...anInquiry(ago(100)), members: 5 };
  const all = decideIn({ memory: { takeover }, seen: { ...claimed, peers, inquiry } });
  expect(all.action).toMatchObject({ record: { holder: { pod: 'node-4' } } });
});

test('what a pod says that the Lease does not count is not listened to', () => {
  const lease = aSight(aRecordOfOurs(unled));
  const peers = [aPeer(1), aPeer(2), better];
  const { reason } = decideIn({ memory: { takeover }, seen: { ...claimed, lease, peers } });
  expect(reason).toBe('promote');
});

test('a leader that has asked for a larger size needs the promises of that one', () => {
  const granted = [1, 2].map((ordinal) => ({
    ...{ pod: `node-${ordinal}`, uid: `uid-${ordinal}`, ordinal, term: 3, sentAtMs: ago(100) },
  }));
  const cutOff = aLeadersObservation({
    confirmed: { term: 3, sentAtMs: ago(4300) },
    leaseFailedAtMs: ago(50),
    promises: { askedAtMs: ago(100), granted },
  });
  const right = { term: 3, untilMs: ago(-100) };
  expect(decideIn({ memory: { right }, seen: cutOff }).action.kind).not.toBe('fence');
  const growth = { members: 5, atMs: ago(4000) };
  expect(decideIn({ memory: { right, growth }, seen: cutOff }).action.kind).toBe('fence');
  const beyond = granted.map((one) => ({ ...one, ordinal: one.ordinal + 2 }));
  const seen = { ...cutOff, promises: { askedAtMs: ago(100), granted: beyond } };
  expect(decideIn({ memory: { right }, seen }).action.kind).toBe('fence');
});

test('a set whose last pod restarts empty does not wait for pods that were scaled away', () => {
  const scale = { members: 1, askedAtMs: ago(400) };
  const lease = aSight(aRecord({ holder: null, address: null }));
  const empty = aPosition({ replid: 'x', keys: 0, offset: 0 });
  const redis = aRedis({ source: null, position: empty });
  const memory = { ...known, lastRecord: aRecord(), startedAtMs: ago(7000) };
  const alone = decideIn({
    self: { members: 1 },
    memory,
    seen: anObservation({ lease, redis, scale }),
  });
  expect(alone.action).toMatchObject({ kind: 'write-lease', record: { members: 1 } });
  const peers = [aPeer(1, { heardAtMs: ago(2000) })];
  const seen = anObservation({ lease, redis, scale, peers });
  expect(decideIn({ self: { members: 1 }, memory, seen }).reason).toBe('vacant-not-fit');
});

test('who remembers that it held a Lease that was deleted claims without pods that were scaled away', () => {
  const empty = aPosition({ replid: 'x', keys: 0, offset: 0 });
  const seen = anObservation({
    ...{
      lease: { kind: 'absent', seenAtMs: ago(7000) },
      scale: { members: 1, askedAtMs: ago(400) },
    },
    redis: aRedis({ source: null, position: empty }),
  });
  const memory = { ...known, startedAtMs: ago(60_000) };
  const since = (sentAtMs: typeof seen.nowMs): Observation => {
    return { ...seen, confirmed: { term: 3, sentAtMs } };
  };
  const self = { members: 1 };
  expect(decideIn({ self, memory, seen: since(ago(9000)) }).action).toMatchObject({
    kind: 'write-lease',
    record: { members: 1, term: 4 },
  });
  // While its right runs it is the holder, and the others may have promised to keep still.
  const running = decideIn({ self, memory, seen: since(ago(100)) });
  expect(running.action).not.toMatchObject({ record: { members: 1 } });
});

test.each([
  ['are a branch that was given up', { offset: 950 }, 'vacant-not-fit'],
  ['were to be replaced by a resync', { offset: 800, whole: false }, 'vacant-not-fit'],
  ['are of the line', { offset: 800 }, 'claim-released'],
  ['are of no known history', { replid: 'x', offset: 950 }, 'claim-released'],
])('who is left alone when its data %s', (_, position, reason) => {
  const lineage = [
    { term: 2, replid: 'h3', offset: 0 },
    { term: 3, replid: 'h9', offset: 900 },
  ];
  const lease = aSight(aRecord({ holder: null, address: null, lineage }));
  const redis = aRedis({ source: null, position: aPosition(position) });
  const scale = { members: 1, askedAtMs: ago(400) };
  const memory = { ...known, lastRecord: aRecord(), startedAtMs: ago(7000) };
  const seen = anObservation({ lease, redis, scale });
  expect(decideIn({ self: { members: 1 }, memory, seen }).reason).toBe(reason);
});

test("who holds the Lease and has led nothing yet counts others while its data are no leader's", () => {
  const silent = [aPeer(1, { heardAtMs: ago(7000) }), aPeer(2, { heardAtMs: ago(7000) })];
  const scale = { members: 1, askedAtMs: ago(400) };
  const away = { kind: 'down', sinceMs: ago(900) } as const;
  const seen = (redis: Observation['redis']): Observation => ({
    ...claimed,
    ...{ lease: aSight(aRecordOfOurs(unled)), redis, scale, peers: silent },
  });
  const memory = { ...known, startedAtMs: ago(9000), takeover };
  expect(sizeWritten(seen(away), memory)).toBeNull();
  const led = { ...seen(away), lease: aSight(aRecordOfOurs()) };
  expect(sizeWritten(led, memory)).toBe(1);
});

const strictly = { durability: aStrictSet };
const ofFive = aRecordOfOurs({ members: 5, requiredReplicas: 1 });
const ended = { stopping: true, position: null };
const departed = [2, 3, 4].map((ordinal) => aPeer(ordinal, { heardAtMs: ago(7000) }));
/** A leader of five that are to be two, and what it sees of the one that stays. */
function shrinking(
  change: Partial<PeerSight>,
  beyond: readonly PeerSight[] = departed,
): Observation {
  return aLeadersObservation({
    ...{ lease: aSight(ofFive), scale: two, peers: [aPeer(1, change), ...beyond] },
    ...{ redis: aPrimary({ requiredReplicas: 1 }), inquiry: { ...anInquiry(ago(60)), members: 5 } },
  });
}
const inFive = { lastRecord: ofFive, sizedAtMs: ago(20_000), startedAtMs: ago(60_000) };

test('a strict set counts fewer pods only when those that stay have what the others confirmed', () => {
  const own = aLeadersObservation().redis;
  const offset = own.kind === 'up' ? own.position.offset : 0;
  const first = decideIn({ self: strictly, memory: inFive, seen: shrinking({}) });
  expect(first.reason).not.toBe('size-lower');
  const { departure } = first.memory;
  expect(departure).toMatchObject({ members: 2, offset });
  const since = departure?.atMs ?? 0;
  const later = (change: Partial<PeerSight>): string => {
    const seen = shrinking({ heardAtMs: monotonic(since + 10), ...change });
    const nowMs = monotonic(since + 20);
    return decideIn({
      self: strictly,
      memory: { ...inFive, departure },
      seen: { ...seen, nowMs },
    }).reason;
  };
  const position = aPosition({ replid: departure?.replid ?? '', offset });
  expect(later({ position })).toBe('size-lower');
  expect(later({ position: { ...position, offset: offset - 1 } })).not.toBe('size-lower');
  expect(later({ position: { ...position, replid: 'h1' } })).not.toBe('size-lower');
  expect(later({ position: { ...position, whole: false } })).not.toBe('size-lower');
  expect(later({ position, heardAtMs: monotonic(since - 10) })).not.toBe('size-lower');
});

test('a pod that goes away has departed as soon as its Redis has ended', () => {
  const memoryAfter = (beyond: readonly PeerSight[]) =>
    decideIn({ self: strictly, memory: inFive, seen: shrinking({}, beyond) }).memory.departure;
  const all = [2, 3, 4].map((ordinal) => aPeer(ordinal, ended));
  expect(memoryAfter(all)).not.toBeNull();
  expect(memoryAfter([...all.slice(1), aPeer(2, { ...ended, stopping: false })])).toBeNull();
  expect(memoryAfter([...all.slice(1), aPeer(2, { stopping: true })])).toBeNull();
  expect(memoryAfter(all.slice(1))).toBeNull();
});

test('who claims the Lease of a strict set counts every pod that the Lease counts', () => {
  const lease = aSight(aRecord({ holder: null, address: null, members: 5, requiredReplicas: 1 }));
  const seen = anObservation({
    ...{ lease, redis: aRedis({ source: null }), scale: two, peers: [aPeer(1)] },
    inquiry: { ...anInquiry(ago(60)), members: 5 },
  });
  const memory = { ...inFive, lastRecord: aRecord({ members: 5 }) };
  const claimedMembers = (durability: Self['durability']): unknown => {
    const { action } = decideIn({ self: { members: 2, durability }, memory, seen });
    return action.kind === 'write-lease' ? action.record.members : action.kind;
  };
  expect(claimedMembers(aStrictSet)).toBe(5);
  expect(claimedMembers(aGuardedSet)).toBe(2);
});
