import { beforeEach, expect, test } from '@jest/globals';
import type { V1Lease } from '@kubernetes/client-node';
import { claimed, unwritten, type LeaseRecord } from '../../../agent/core/lease.ts';
import type { PeerSight } from '../../../agent/core/observation.ts';
import { monotonic } from '../../../agent/core/units.ts';
import type { PeerResult, PromiseAnswer } from '../../../agent/http/peer.ts';
import { leaseOf, recordOf } from '../../../agent/kube/lease-record.ts';
import { LeaseKeeper } from '../../../agent/run/lease-keeper.ts';
import { PromiseKeeper, seekPeriodMs } from '../../../agent/run/promise-keeper.ts';
import { aPeer } from '../../support/turn.ts';
import { OneLease } from './one-lease.ts';

const self = { pod: 'node-0', uid: 'uid-0', address: '10.0.0.1', members: 3 };
const leader = { pod: 'node-1', uid: 'uid-1', address: '10.0.0.2', members: 3 };

let nowMs: number;
let store: OneLease;
let lease: LeaseKeeper;
let sights: PeerSight[];
/** What a peer at an address answers, after the time that it takes. */
let answer: (address: string) => PeerResult<{ answer: PromiseAnswer }>;
let keeper: PromiseKeeper;
let changes: number;
/** What the API server says of a pod, and of which pods it was asked. */
let isReplaced: boolean | null;
let sought: unknown[];

beforeEach(() => {
  nowMs = 1000;
  store = new OneLease();
  sights = [aPeer(1), aPeer(2)];
  changes = 0;
  isReplaced = false;
  sought = [];
  const clock = (): ReturnType<typeof monotonic> => monotonic(nowMs);
  lease = new LeaseKeeper({
    isReplaced: () => Promise.resolve(false),
    onReplaced: () => undefined,
    store,
    self,
    clock,
    leaseDurationSeconds: 6,
    newMetadata: { name: 'leader' },
    onChange: () => undefined,
    onWritten: () => undefined,
    onFailure: () => undefined,
  });
  keeper = new PromiseKeeper({
    self,
    clock,
    lease,
    peers: {
      get sights() {
        return sights;
      },
    },
    client: { promise: (address) => Promise.resolve(answer(address)) },
    isReplaced: (pod) => {
      sought.push(pod);
      return Promise.resolve(isReplaced);
    },
    onChange: () => {
      changes += 1;
    },
  });
});

function shown(record: LeaseRecord, version: number): V1Lease {
  const frame = { metadata: { name: 'leader' }, leaseDurationSeconds: 6, renewTime: new Date(0) };
  return leaseOf({ ...record, revision: String(version) }, frame);
}

const ofLeader = shown(claimed(unwritten, leader, 6), 70);

/** Lets what was answered arrive. */
async function arrive(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test('an agent that has just started learns of the leader by its question, and promises', () => {
  expect(lease.sight.kind).toBe('unread');
  expect(keeper.give(ofLeader, 5000)).toEqual({
    granted: true,
    term: 7,
    pod: 'node-0',
    uid: 'uid-0',
  });
  expect(keeper.given).toMatchObject({ leader: { pod: 'node-1', uid: 'uid-1' }, term: 7 });
  expect(lease.sight).toMatchObject({ kind: 'read', record: { term: 7 } });
  expect(changes).toBe(1);
});

test('a promise is counted from the question, and longer than the leader counts', () => {
  keeper.give(ofLeader, 5000);
  expect(keeper.given?.untilMs).toBe(1000 + 5050);
});

test('no promise is given while a request of ours to change the Lease is on its way', async () => {
  lease.see(ofLeader);
  store.lease = ofLeader;
  let granted: boolean | null = null;
  store.onArrival = () => {
    ({ granted } = keeper.give(ofLeader, 5000));
  };
  await lease.write(claimed(recordOf(ofLeader), self, 0));
  expect(granted).toBe(false);
  expect(keeper.given).toBeNull();
});

test('no promise is given to the leader of a term that is over, and the later one is told', () => {
  lease.see(shown(claimed(unwritten, leader, 8), 90));
  expect(keeper.give(ofLeader, 5000)).toMatchObject({ granted: false, term: 9 });
});

test('no promise is given any more to a pod that was deleted by force and runs on', async () => {
  isReplaced = true;
  expect(keeper.give(ofLeader, 5000).granted).toBe(true);
  await arrive();
  expect(sought).toEqual([{ pod: 'node-1', uid: 'uid-1' }]);
  nowMs += 10;
  expect(keeper.give(ofLeader, 5000).granted).toBe(false);
  isReplaced = null;
  nowMs += seekPeriodMs;
  expect(keeper.give(ofLeader, 5000).granted).toBe(false);
});

test.each([false, null])(
  'while the API server says %j of its pod, a leader is promised',
  async (said) => {
    isReplaced = said;
    for (let times = 0; times < 3; times += 1) {
      expect(keeper.give(ofLeader, 5000).granted).toBe(true);
      await arrive();
      nowMs += seekPeriodMs / 2;
    }
    expect(sought).toHaveLength(2);
  },
);

test('a shorter promise does not end a longer one', () => {
  keeper.give(ofLeader, 5000);
  nowMs += 10;
  keeper.give(ofLeader, 1000);
  expect(keeper.given?.untilMs).toBe(1000 + 5050);
});

test('a question is asked of all who were heard, and counts from when it left', async () => {
  lease.see(shown(claimed(unwritten, self, 6), 70));
  const asked: string[] = [];
  answer = (address) => {
    asked.push(address);
    nowMs += 100;
    const n = address === '10.0.0.2' ? 1 : 2;
    return {
      kind: 'answered',
      answer: { granted: true, term: 7, pod: `node-${n}`, uid: `uid-${n}` },
    };
  };
  keeper.ask(5000);
  await arrive();
  expect(asked).toEqual(['10.0.0.2', '10.0.0.3']);
  expect(keeper.promises).toEqual({
    askedAtMs: 1000,
    granted: [
      { pod: 'node-1', uid: 'uid-1', ordinal: 1, term: 7, sentAtMs: 1000 },
      { pod: 'node-2', uid: 'uid-2', ordinal: 2, term: 7, sentAtMs: 1100 },
    ],
  });
  expect(keeper.heldCount(5000)).toBe(2);
  nowMs = 6050;
  expect(keeper.heldCount(5000)).toBe(1);
});

test('a refusal, a silence and an answer of somebody else are no promise', async () => {
  lease.see(shown(claimed(unwritten, self, 6), 70));
  sights = [aPeer(1), aPeer(2), aPeer(3)];
  answer = (address) => {
    if (address === '10.0.0.2') return { kind: 'unreachable', cause: 'lost' };
    const granted = address !== '10.0.0.3';
    return { kind: 'answered', answer: { granted, term: 7, pod: 'node-9', uid: 'uid-9' } };
  };
  keeper.ask(5000);
  await arrive();
  expect(keeper.promises.granted).toEqual([]);
});

test('a pod that was made anew promises in the place of the one before', async () => {
  lease.see(shown(claimed(unwritten, self, 6), 70));
  sights = [aPeer(1)];
  let uid = 'uid-1';
  answer = () => ({ kind: 'answered', answer: { granted: true, term: 7, pod: 'node-1', uid } });
  keeper.ask(5000);
  await arrive();
  [uid, nowMs] = ['uid-1b', 1500];
  keeper.ask(5000);
  await arrive();
  const granted = { pod: 'node-1', uid: 'uid-1b', ordinal: 1, term: 7, sentAtMs: 1500 };
  expect(keeper.promises.granted).toEqual([granted]);
});

test('an answer that comes after a later one does not take its place', async () => {
  lease.see(shown(claimed(unwritten, self, 6), 70));
  sights = [aPeer(1)];
  const given: PeerResult<{ answer: PromiseAnswer }> = {
    kind: 'answered',
    answer: { granted: true, term: 7, pod: 'node-1', uid: 'uid-1' },
  };
  let early: () => void = () => undefined;
  const slow = new Promise<typeof given>((resolve) => {
    early = (): void => {
      resolve(given);
    };
  });
  const answers = [slow, Promise.resolve(given)];
  const racing = new PromiseKeeper({
    self,
    clock: () => monotonic(nowMs),
    lease,
    peers: { sights },
    client: { promise: () => answers.shift()! },
    isReplaced: () => Promise.resolve(null),
    onChange: () => undefined,
  });
  racing.ask(5000);
  nowMs = 1500;
  racing.ask(5000);
  await arrive();
  early();
  await arrive();
  expect(racing.promises.granted).toMatchObject([{ sentAtMs: 1500 }]);
});

test('without a Lease to show there is nothing to ask, and the question is not begun over and over', () => {
  keeper.ask(5000);
  expect(keeper.promises).toEqual({ askedAtMs: 1000, granted: [] });
});
