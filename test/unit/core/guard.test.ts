import { expect, test } from '@jest/globals';
import type { LeaseRecord } from '../../../agent/core/lease.ts';
import type { Self } from '../../../agent/core/observation.ts';
import type { RedisUp } from '../../../agent/core/tenure.ts';
import {
  aGuardedSet,
  aLeadersObservation,
  anAsyncSet,
  aPrimary,
  aRecordOfOurs,
  aSight,
  aStrictSet,
  ago,
  decideIn,
  nowMs,
} from '../../support/turn.ts';
import type { Decision } from '../../../agent/core/decision.ts';

interface Guarding {
  readonly published: number;
  readonly redis: Partial<Pick<RedisUp, 'requiredReplicas' | 'goodReplicas' | 'answered'>>;
  readonly self?: Partial<Self>;
  readonly shortForMs?: number;
}

function guard({ published, redis, self, shortForMs }: Guarding): Decision {
  const record: Partial<LeaseRecord> = { requiredReplicas: published };
  return decideIn({
    self: self ?? { durability: aGuardedSet },
    memory: { shortSinceMs: shortForMs === undefined ? null : ago(shortForMs) },
    seen: aLeadersObservation({
      lease: aSight(aRecordOfOurs(record)),
      redis: aPrimary(redis),
    }),
  });
}

test('W goes up in Redis first, and in the Lease once Redis asks for it', () => {
  const raising = guard({ published: 0, redis: { requiredReplicas: 0, goodReplicas: 1 } });
  expect(raising.action).toEqual({ kind: 'admit', requiredReplicas: 1 });
  const publishing = guard({ published: 0, redis: { requiredReplicas: 1, goodReplicas: 1 } });
  expect(publishing.action).toMatchObject({ kind: 'write-lease', record: { requiredReplicas: 1 } });
});

test('W is not published by what a Redis asked for before it fell silent', () => {
  const redis = { requiredReplicas: 1, goodReplicas: 1, answered: false };
  expect(guard({ published: 0, redis }).reason).toBe('leading');
});

test('W does not go up before there are replicas to meet it', () => {
  const waiting = guard({ published: 0, redis: { requiredReplicas: 0, goodReplicas: 0 } });
  expect(waiting).toMatchObject({ reason: 'leading', action: { kind: 'wait' } });
});

test('W goes down in the Lease first, and in Redis once the Lease says so', () => {
  const short = { requiredReplicas: 1, goodReplicas: 0 };
  const lowering = guard({ published: 1, redis: short, shortForMs: 2000 });
  expect(lowering.action).toMatchObject({ kind: 'write-lease', record: { requiredReplicas: 0 } });
  const lowered = guard({ published: 0, redis: short, shortForMs: 2000 });
  expect(lowered.action).toEqual({ kind: 'admit', requiredReplicas: 0 });
});

test('a leader waits for a silent replica as long as Redis would, and wakes then', () => {
  const short = { requiredReplicas: 1, goodReplicas: 0 };
  const waiting = guard({ published: 1, redis: short, shortForMs: 1500 });
  expect(waiting).toMatchObject({ reason: 'leading', wakeAtMs: nowMs + 500 });
});

test('the wait begins when replicas are first missed, and ends when they are back', () => {
  const missed = guard({ published: 1, redis: { requiredReplicas: 1, goodReplicas: 0 } });
  expect(missed.memory.shortSinceMs).toBe(nowMs);
  const back = guard({
    published: 1,
    redis: { requiredReplicas: 1, goodReplicas: 1 },
    shortForMs: 1900,
  });
  expect(back.memory.shortSinceMs).toBeNull();
});

test('a set that blocks never lowers W, however long it has no replica', () => {
  const blocking = { durability: { ...aGuardedSet, onReplicaLoss: 'block' as const } };
  const redis = { requiredReplicas: 1, goodReplicas: 0 };
  for (const self of [blocking, { durability: aStrictSet }]) {
    const decision = guard({ published: 1, redis, self, shortForMs: 600_000 });
    expect(decision).toMatchObject({ reason: 'leading', action: { kind: 'wait' } });
  }
});

test('a class that asks for less is taken up in the Lease first', () => {
  const self = { durability: anAsyncSet };
  const published = guard({ published: 1, redis: { requiredReplicas: 1 }, self });
  expect(published.action).toMatchObject({ kind: 'write-lease', record: { requiredReplicas: 0 } });
  const lowered = guard({ published: 0, redis: { requiredReplicas: 1 }, self });
  expect(lowered.action).toEqual({ kind: 'admit', requiredReplicas: 0 });
});

test('a Redis that asks for less than the Lease says is put right at once', () => {
  const weakened = guard({ published: 1, redis: { requiredReplicas: 0, goodReplicas: 1 } });
  expect(weakened.action).toEqual({ kind: 'admit', requiredReplicas: 1 });
});

test('a leader that cannot write the Lease does not lower W in Redis', () => {
  const short = { requiredReplicas: 1, goodReplicas: 0 };
  const lease = aSight(aRecordOfOurs({ requiredReplicas: 1 }));
  const seen = aLeadersObservation({
    lease,
    redis: aPrimary(short),
    leaseFailedAtMs: ago(10),
    confirmed: { term: 3, sentAtMs: ago(3900) },
    promises: { askedAtMs: ago(20), granted: [] },
  });
  const decision = decideIn({
    self: { durability: aGuardedSet },
    memory: { shortSinceMs: ago(3800) },
    seen,
  });
  expect(decision.action.kind).toBe('wait');
});
