import { expect, test } from '@jest/globals';
import { freshMemory, type Decision } from '../../../agent/core/decision.ts';
import { noRequests, type Observation } from '../../../agent/core/observation.ts';
import { never } from '../../../agent/core/units.ts';
import {
  aGuardedSet,
  aLeadersObservation,
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

test('a leader that could not renew refuses writes at its deadline, and does not wait for the API server', () => {
  const late = { term: 3, sentAtMs: ago(timing.fenceDeadlineMs) };
  const seen = aLeadersObservation({ confirmed: late, busy: { lease: true, route: false } });
  expect(decideIn({ seen })).toMatchObject({
    reason: 'fence-deadline-passed',
    action: { kind: 'fence' },
  });
});

test('a leader that waits for an answer wakes at its deadline', () => {
  const sentAtMs = ago(timing.fenceDeadlineMs - 30);
  const busy = { lease: true, route: false };
  const seen = aLeadersObservation({ confirmed: { term: 3, sentAtMs }, busy });
  expect(decideIn({ seen }).wakeAtMs).toBe(nowMs + 30);
});

test('a primary that accepts writes beside another leader is fenced', () => {
  expect(decideIn({ seen: anObservation({ redis: aPrimary() }) }).action.kind).toBe('fence');
});

test('a primary whose leader may have given the lease away is fenced', () => {
  const memory = { givenAwayAtMs: ago(100) };
  expect(decideIn({ seen: aLeadersObservation(), memory }).action.kind).toBe('fence');
});

test('a restart of the agent alone costs no write, as long as it may not know whether it leads', () => {
  const early = { startedAtMs: ago(2 * timing.requestTimeoutMs - 1) };
  const unread = anObservation({ lease: { kind: 'unread' }, redis: aPrimary() });
  const waiting = decideIn({ seen: unread, memory: early });
  expect(waiting).toMatchObject({ reason: 'lease-unread', wakeAtMs: nowMs + 1 });
  const late = { startedAtMs: ago(2 * timing.requestTimeoutMs) };
  expect(decideIn({ seen: unread, memory: late }).action.kind).toBe('fence');
  const resumed = aLeadersObservation({ confirmed: null });
  expect(decideIn({ seen: resumed, memory: early }).reason).toBe('resume-after-restart');
  expect(decideIn({ seen: resumed, memory: late }).action.kind).toBe('fence');
});

test('a hand-over, a takeover and a gift are forgotten with the lease', () => {
  const to = { pod: 'node-1', uid: 'uid-1', address: '10.0.0.2' };
  const memory = {
    handover: { to, pausedAtMs: ago(80), pausedUntilMs: nowMs },
    handoverTried: [{ uid: 'uid-2', atMs: ago(90) }],
    givenAwayAtMs: ago(90),
    takeover: { term: 3, sinceMs: ago(10), promoted: null },
  };
  expect(decideIn({ seen: anObservation(), memory }).memory).toMatchObject({
    handover: null,
    handoverTried: [],
    givenAwayAtMs: null,
    takeover: null,
  });
});

test('the last record seen is remembered for the time when somebody deletes the Lease', () => {
  expect(decideIn({ seen: anObservation() }).memory.lastRecord).toEqual(aRecord());
});

test('a pod that goes away leaves the Lease to others, and takes it when none does', () => {
  const since = (seenAtMs: typeof nowMs): Decision => {
    const lease = aSight(aRecord({ holder: null }), seenAtMs);
    const requests = { ...noRequests, stop: 'pod' as const };
    return decideIn({ seen: anObservation({ lease, requests, peers: [aPeer(1)] }) });
  };
  expect(since(ago(100))).toMatchObject({ reason: 'stopped', action: { kind: 'wait' } });
  expect(since(ago(30_000)).reason).toBe('claim-released');
});

test('a pod that goes away does not wait for others of which none could lead (I18)', () => {
  const lease = aSight(aRecord({ holder: null, address: null }));
  const requests = { ...noRequests, stop: 'pod' as const };
  const stopped = (change: Partial<Observation>): Decision =>
    decideIn({ seen: anObservation({ lease, requests, ...change }) });
  const empty = aPosition({ replid: 'x', keys: 0 });
  const unfit = [aPeer(1, { position: empty }), aPeer(2, { position: null })];
  expect(stopped({ peers: unfit }).reason).toBe('claim-released');
  // What they said before it was free says nothing.
  expect(stopped({ peers: unfit, inquiry: anInquiry(ago(101)) })).toMatchObject({
    reason: 'stopped',
    action: { kind: 'ask' },
  });
  // One that goes away too has the data, and is asked for them by the next.
  const peers = [aPeer(1, { position: empty }), aPeer(2, { stopping: true })];
  expect(stopped({ peers }).reason).toBe('stopped');
  const unled = aSight(aRecord({ holder: null, initialized: false, lineage: [] }));
  expect(stopped({ peers: unfit, lease: unled }).reason).toBe('stopped');
});

test('a new leader opens for writes with as many replicas as a write needs', () => {
  const redis = aPrimary({ fenced: true, requiredReplicas: 1_000_000 });
  const seen = aLeadersObservation({ redis });
  const lease = aSight(aRecordOfOurs({ requiredReplicas: 1 }));
  expect(decideIn({ seen: { ...seen, lease }, self: { durability: aGuardedSet } }).action).toEqual({
    kind: 'admit',
    requiredReplicas: 1,
  });
});

test('a leader mends a route that points elsewhere in its term, and begins a term above one of a later', () => {
  const hijacked = aLeadersObservation({ route: { term: 3, address: '10.9.9.9' } });
  expect(decideIn({ seen: hijacked }).action).toEqual({ kind: 'route', term: 3 });
  const later = aLeadersObservation({ route: { term: 7, address: '10.9.9.9' } });
  expect(decideIn({ seen: later }).action).toMatchObject({ record: { term: 8 } });
});

test('while a later term has to wait the leader keeps its guard', () => {
  const seen = aLeadersObservation({
    lease: aSight(aRecordOfOurs({ requiredReplicas: 1 })),
    route: { term: 7, address: '10.9.9.9' },
    redis: aPrimary({ requiredReplicas: 0 }),
    busy: { lease: true, route: false },
  });
  const self = { durability: aGuardedSet };
  expect(decideIn({ seen, self }).action).toEqual({ kind: 'admit', requiredReplicas: 1 });
});

test('a holder is one by its UID: the twin of a leader is a follower', () => {
  const lease = aSight(aRecordOfOurs({ holder: { pod: 'node-0', uid: 'twin' } }));
  const seen = anObservation({ lease, redis: aRedis({ source: null }), inquiry: null });
  expect(decideIn({ seen }).reason).toBe('follow-ask-leader');
});

test('who ceased to hold the Lease answers no more, and leads nobody astray', () => {
  for (const held of [{}, { holder: null, address: null }]) {
    const lease = aSight(aRecord({ term: 4, ...held }));
    const redis = aPrimary({ fenced: true });
    const decision = decideIn({ seen: anObservation({ lease, redis }) });
    // Its agent may die before the next step, and leave no trace of whom it should have cut.
    expect(decision).toMatchObject({ reason: 'step-down', action: { cutClients: true } });
    expect(decision.memory.demotion).toEqual({ sinceMs: never, cutAtMs: nowMs, presumed: false });
  }
});

test('who waits for a former leader that hangs or loads is cut when it answers again', () => {
  const memory = { demotion: { sinceMs: ago(60_000), cutAtMs: ago(60_000), presumed: false } };
  const loading = anObservation({ redis: { kind: 'loading', sinceMs: ago(50_000) } });
  const waited = decideIn({ seen: loading, memory });
  expect(waited.memory.demotion).toEqual({ sinceMs: never, cutAtMs: ago(60_000), presumed: false });
  const answers = decideIn({ seen: anObservation(), memory: waited.memory });
  expect(answers.reason).toBe('cut-late-clients');
});

test('late clients are cut for as long after a demotion that nobody saw as after any other', () => {
  const memory = { demotion: { sinceMs: never, cutAtMs: ago(60_000), presumed: false } };
  const first = decideIn({ seen: anObservation(), memory });
  expect(first.memory.demotion).toEqual({ sinceMs: nowMs, cutAtMs: nowMs, presumed: false });
  // What it was before it hung says nothing.
  const stale = anObservation({ redis: { ...aPrimary({ fenced: true }), answered: false } });
  expect(decideIn({ seen: stale, memory }).memory.demotion?.sinceMs).toBe(never);
});

test('an agent that begins beside a replica that was a primary takes it for one that has just ceased (I11)', () => {
  const startedAtMs = ago(600);
  const begun = freshMemory(startedAtMs);
  const asReplica = (wasPromoted: boolean): Decision =>
    decideIn({ seen: anObservation({ redis: aRedis({ wasPromoted }) }), memory: begun });
  expect(asReplica(true)).toMatchObject({
    reason: 'cut-late-clients',
    memory: { demotion: { sinceMs: nowMs, cutAtMs: nowMs, presumed: false } },
  });
  // Nobody was ever led to a new one, and who reads from it stays.
  expect(asReplica(false)).toMatchObject({ reason: 'following', memory: { demotion: null } });
  const loading = anObservation({ redis: { kind: 'loading', sinceMs: ago(500) } });
  const waited = decideIn({ seen: loading, memory: begun }).memory;
  expect(waited.demotion).toEqual({ sinceMs: never, cutAtMs: startedAtMs, presumed: true });
  const leads = anObservation({ lease: aSight(aRecordOfOurs()), redis: aPrimary() });
  expect(decideIn({ seen: leads, memory: begun }).memory.demotion).toBeNull();
});

test('a demotion that was seen outlives the Redis that it was of', () => {
  const memory = { demotion: { sinceMs: never, cutAtMs: ago(100), presumed: false } };
  const { demotion } = decideIn({ seen: anObservation({ redis: aRedis() }), memory }).memory;
  expect(demotion).toEqual({ sinceMs: nowMs, cutAtMs: ago(100), presumed: false });
});

test('a former leader that goes away cuts late clients, be it that nobody leads', () => {
  const lease = aSight(aRecord({ term: 4, holder: null, address: null }));
  const requests = { ...noRequests, stop: 'pod' as const };
  const redis = aRedis({ source: null });
  const seen = anObservation({ lease, requests, redis, peers: [aPeer(1)] });
  const since = (cutAtMs: typeof nowMs): string =>
    decideIn({ seen, memory: { demotion: { sinceMs: ago(700), cutAtMs, presumed: false } } })
      .reason;
  expect(since(ago(500))).toBe('cut-late-clients');
  expect(since(ago(100))).toBe('stopped');
});
