import { expect, test } from '@jest/globals';
import { decide } from '../../../agent/core/decide.ts';
import type { Action, Decision } from '../../../agent/core/decision.ts';
import { isHeldBy, recordedHead, unwritten, type LeaseRecord } from '../../../agent/core/lease.ts';
import { standing } from '../../../agent/core/lineage.ts';
import { boundUntil, promisedUntil } from '../../../agent/core/promise.ts';
import { isHead, mayLead, tenantOf, type RedisUp } from '../../../agent/core/tenure.ts';
import { after } from '../../../agent/core/units.ts';
import { combinations, type Combination } from '../../support/enumeration.ts';
import { aSelf, aTurn, nowMs, timing } from '../../support/turn.ts';

const self = aSelf();

/** One decision with all that a rule may look at. */
interface Case extends Combination {
  readonly decision: Decision;
  /** The record as this agent knows it, also while the Lease is gone. */
  readonly record: LeaseRecord;
  readonly redis: RedisUp | null;
}

const cases: readonly Case[] = [...combinations()].map((combination) => {
  const { memory, seen } = combination;
  const { lease, redis } = seen;
  const remembered = lease.kind === 'absent' ? memory.lastRecord : null;
  const record = lease.kind === 'read' ? lease.record : (remembered ?? unwritten);
  const decision = decide(self, timing, memory, seen);
  return { ...combination, decision, record, redis: redis.kind === 'up' ? redis : null };
});

function casesOf<Kind extends Action['kind']>(
  kind: Kind,
): readonly (Case & { readonly action: Action & { readonly kind: Kind } })[] {
  const found = cases.flatMap((one) => {
    const { action } = one.decision;
    return action.kind === kind ? [{ ...one, action: action as Action & { kind: Kind } }] : [];
  });
  // A rule about what never happens says nothing.
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Fails with the first case that breaks the rule. */
function expectAll<T extends Case>(all: readonly T[], rule: (one: T) => boolean): void {
  expect(all.find((one) => !rule(one))).toBeUndefined();
}

function mayLeadNow({ seen, record, redis }: Case): boolean {
  const tenant = tenantOf({ self, timing, memory: { right: null }, seen });
  return redis !== null && mayLead(tenant, record, redis.position);
}

test('writes are accepted only by a holder whose renewal was confirmed, before its deadline, with the recorded history', () => {
  expectAll(casesOf('admit'), (one) => mayLeadNow(one) && one.seen.lease.kind !== 'unread');
});

test('a primary that accepts writes and may not is fenced before anything else', () => {
  const stray = cases.filter(
    (one) => one.redis?.position.role === 'primary' && !one.redis.fenced && !mayLeadNow(one),
  );
  // An agent that has just started beside a Redis that leads asks first whether it still may.
  const resumes = ({ memory, seen, record, redis }: Case): boolean =>
    nowMs < after(memory.startedAtMs, 2 * timing.requestTimeoutMs) &&
    ((seen.lease.kind !== 'read' && memory.lastRecord === null) ||
      (seen.confirmed === null && isHead(record, redis!.position)));
  expectAll(stray, (one) => one.decision.action.kind === 'fence' || resumes(one));
  expect(stray.length).toBeGreaterThan(0);
});

test('a Redis is promoted only by the holder, behind the fence, and by way of a replica', () => {
  expectAll(casesOf('promote'), ({ record, redis }) => {
    return isHeldBy(record, self) && redis?.fenced === true && redis.position.role === 'replica';
  });
});

test('data off the recorded lineage are not promoted in a set that has had data', () => {
  expectAll(casesOf('promote'), ({ record, redis }) => {
    const { kind } = standing(redis!.position, record.lineage);
    return !record.initialized || kind === 'on-line';
  });
});

test('only the holder pauses, admits, routes and names others', () => {
  for (const kind of ['pause', 'admit', 'route'] as const) {
    expectAll(casesOf(kind), ({ record }) => isHeldBy(record, self));
  }
  const naming = casesOf('write-lease').filter(({ action, decision }) => {
    const isByAnybody = ['pause-by-hand', 'restore-lease'].includes(decision.reason);
    return !isHeldBy(action.record, self) && !isByAnybody;
  });
  expectAll(naming, ({ record }) => isHeldBy(record, self));
});

test('who may not lead restores a deleted Lease as it was, and nobody holds it', () => {
  const restored = casesOf('write-lease').filter(
    ({ decision }) => decision.reason === 'restore-lease',
  );
  expect(restored.length).toBeGreaterThan(0);
  expectAll(restored, ({ action, record, seen, memory }) => {
    const { holder, term, lineage } = action.record;
    const isSame = term === memory.lastRecord?.term && lineage === record.lineage;
    return seen.lease.kind === 'absent' && holder === null && isSame;
  });
});

test('a follower follows the holder alone, and only when that one says itself that it leads this term', () => {
  expectAll(casesOf('follow'), ({ action, record, seen }) => {
    const leader = seen.peers.find(({ uid }) => uid === action.leader.uid);
    return (
      isHeldBy(record, action.leader) &&
      leader?.term === record.term &&
      leader.position?.role === 'primary' &&
      leader.position.replid === recordedHead(record)?.replid
    );
  });
});

test('a successor is named in a hand-over only behind the fence', () => {
  const planned = casesOf('write-lease').filter(
    ({ action }) => action.record.handover?.cause === 'switchover' && action.tell !== null,
  );
  expect(planned.length).toBeGreaterThan(0);
  expectAll(planned, ({ redis }) => redis?.fenced === true);
});

test('a term never falls, and grows with every change of holder', () => {
  expectAll(casesOf('write-lease'), ({ action, record }) => {
    const next = action.record;
    const { holder } = next;
    const changes = holder !== null && !isHeldBy(record, holder);
    return changes ? next.term > record.term : next.term >= record.term;
  });
});

test('the Lease is written over the version that was read, and by one request at a time', () => {
  expectAll(casesOf('write-lease'), ({ action, seen }) => {
    const revision = seen.lease.kind === 'read' ? seen.lease.record.revision : null;
    return action.record.revision === revision && !seen.busy.lease;
  });
});

test('while somebody has paused the set nobody claims, and nobody is named', () => {
  const paused = casesOf('write-lease').filter(({ seen, record }) => {
    // A person's own word goes before a person's pause.
    return seen.lease.kind === 'read' && record.paused && seen.requests.override === null;
  });
  expectAll(paused, ({ action, record }) => action.record.term === record.term);
  const held = cases.filter(({ seen, record }) => seen.lease.kind === 'read' && record.paused);
  expectAll(held, ({ decision }) => decision.action.kind !== 'promote');
});

test('who has promised promotes nothing, claims nothing, and leaves nobody for another', () => {
  const bound = cases.filter(({ seen, record }) => {
    const turn = aTurn({ seen });
    return seen.lease.kind === 'read' && boundUntil(turn, record) !== null;
  });
  expect(bound.length).toBeGreaterThan(0);
  expectAll(bound, ({ decision, record, redis }) => {
    const { action } = decision;
    const claims = action.kind === 'write-lease' && !isHeldBy(record, self);
    const follows = (redis?.source ?? null) !== null;
    const leaves = action.kind === 'withdraw' && follows && !isHeldBy(record, self);
    return (
      action.kind !== 'promote' &&
      !leaves &&
      !(claims && isHeldBy(action.record, self)) &&
      !(action.kind === 'follow' && action.leader.pod !== 'node-1')
    );
  });
});

test('an agent ends itself only when it was told to stop', () => {
  expectAll(casesOf('exit'), ({ seen }) => seen.requests.stop === 'agent');
});

test('who waits wakes later than now, and a leader no later than its right to lead ends', () => {
  expectAll(casesOf('wait'), ({ decision }) => decision.wakeAtMs > nowMs);
  const leading = casesOf('wait').filter(mayLeadNow);
  expect(leading.length).toBeGreaterThan(0);
  expectAll(leading, ({ decision, seen }) => {
    const byLease = after(seen.confirmed!.sentAtMs, timing.fenceDeadlineMs);
    const byPromise =
      promisedUntil(self, timing, seen.promises, { term: 3, members: 3 }) ?? byLease;
    return decision.wakeAtMs <= Math.max(byLease, byPromise);
  });
});

test('the same sight and the same memory always make the same decision', () => {
  for (const { memory, seen, decision } of cases.filter((_, index) => index % 97 === 0)) {
    expect(decide(self, timing, memory, seen)).toEqual(decision);
  }
});

test('a pod of priority 0 claims nothing', () => {
  const unwilling = aSelf({ priority: 0 });
  for (const { memory, seen, record } of cases) {
    // Unless a person asks it to, on behalf of the one that is named.
    if (isHeldBy(record, unwilling) || seen.requests.override !== null) continue;
    const { action } = decide(unwilling, timing, memory, seen);
    const claims = action.kind === 'write-lease' && isHeldBy(action.record, unwilling);
    if (claims) throw new Error(JSON.stringify({ memory, seen }));
  }
});
