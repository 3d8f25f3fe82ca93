import { expect, test } from '@jest/globals';
import {
  claimed,
  renewed,
  transferred,
  unwritten,
  type LeaseRecord,
} from '../../../agent/core/lease.ts';
import { monotonic } from '../../../agent/core/units.ts';
import { LeaseKeeper, type LeaseKeeperOptions } from '../../../agent/run/lease-keeper.ts';
import { OneLease } from './one-lease.ts';

const self = { pod: 'set-node-0', uid: 'a', address: '10.0.0.1', members: 3 };
const rival = { pod: 'set-node-1', uid: 'b', address: '10.0.0.2', members: 3 };

function aKeeper(
  store: OneLease,
  change: Partial<LeaseKeeperOptions> = {},
): { keeper: LeaseKeeper; clock: { nowMs: number } } {
  const clock = { nowMs: 1000 };
  const keeper = new LeaseKeeper({
    isReplaced: () => Promise.resolve(false),
    onReplaced: () => undefined,
    store,
    self,
    leaseDurationSeconds: 6,
    newMetadata: { name: 'set-leader' },
    clock: () => monotonic(clock.nowMs),
    onChange: () => undefined,
    onWritten: () => undefined,
    onFailure: () => undefined,
    ...change,
  });
  return { keeper, clock };
}

function recordIn(keeper: LeaseKeeper): LeaseRecord {
  if (keeper.sight.kind !== 'read') throw new Error(`the sight is ${keeper.sight.kind}`);
  return keeper.sight.record;
}

test('a write is confirmed from the moment it left, not from its answer', async () => {
  const store = new OneLease();
  const { keeper, clock } = aKeeper(store);
  store.onArrival = () => {
    clock.nowMs += 700;
  };
  await keeper.write(claimed(unwritten, self, 0));
  expect(keeper.confirmed).toEqual({ term: 1, sentAtMs: 1000 });
  expect(keeper.sight).toMatchObject({ kind: 'read', seenAtMs: 1700 });
});

test('a write whose answer was lost is confirmed when it is seen, still from its send', async () => {
  const store = new OneLease();
  const { keeper, clock } = aKeeper(store);
  store.fault = 'lost-answer';
  store.onArrival = () => {
    clock.nowMs += 1200;
  };
  expect(await keeper.write(claimed(unwritten, self, 0))).toBeNull();
  expect(keeper.confirmed).toBeNull();
  await keeper.read();
  expect(keeper.confirmed).toEqual({ term: 1, sentAtMs: 1000 });
});

test('a write that never arrived confirms nothing', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  store.fault = 'lost-request';
  await keeper.write(claimed(unwritten, self, 0));
  expect(keeper.confirmed).toBeNull();
  expect(keeper.failedAtMs).toBe(1000);
});

test('a write without an answer is not followed by a read, which would take the time of another try', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  store.fault = 'lost-request';
  let reads = 0;
  const reading = store.get.bind(store);
  store.get = () => {
    reads += 1;
    return reading();
  };
  await keeper.write(claimed(unwritten, self, 0));
  expect(reads).toBe(0);
});

test('the next write after one that was carried out without an answer finds that, and reads it', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  store.fault = 'lost-answer';
  await keeper.write(claimed(unwritten, self, 0));
  store.fault = null;
  expect(await keeper.write(claimed(unwritten, self, 0))).toBeNull();
  expect(recordIn(keeper).holder).toEqual({ pod: self.pod, uid: self.uid });
  await keeper.write(recordIn(keeper));
  expect(keeper.confirmed).toMatchObject({ term: 1 });
});

test('a write that lost against a rival shows the rival at once', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  const { keeper: rivals } = aKeeper(store);
  await keeper.read();
  await rivals.write(claimed(unwritten, rival, 0));
  expect(await keeper.write(claimed(unwritten, self, 0))).toBeNull();
  expect(recordIn(keeper).holder).toEqual({ pod: rival.pod, uid: rival.uid });
  expect(keeper.confirmed).toBeNull();
});

test('the watch that runs behind the own write does not take it back', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  const first = await keeper.write(claimed(unwritten, self, 0));
  await keeper.write(renewed(recordIn(keeper), { ...self, address: '10.0.0.9' }));
  keeper.see(first!);
  expect(recordIn(keeper).address).toBe('10.0.0.9');
});

test('an absence that is older than what is known changes nothing, nor lets older versions in', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  keeper.seeAbsence('0');
  expect(keeper.sight.kind).toBe('absent');
  const first = await keeper.write(claimed(unwritten, self, 0));
  await keeper.write(renewed(recordIn(keeper), { ...self, address: '10.0.0.9' }));
  keeper.seeAbsence('0');
  expect(recordIn(keeper).address).toBe('10.0.0.9');
  keeper.seeAbsence('99');
  expect(keeper.sight.kind).toBe('absent');
  keeper.see(first!);
  expect(keeper.sight.kind).toBe('absent');
});

test('a read that finds nothing says nothing about a version that came meanwhile', async () => {
  const store = new OneLease();
  const { keeper } = aKeeper(store);
  const { keeper: rivals } = aKeeper(store);
  const written = await rivals.write(claimed(unwritten, rival, 0));
  store.get = () => {
    keeper.see(written!);
    return Promise.resolve({ kind: 'absent' });
  };
  await keeper.read();
  expect(recordIn(keeper).holder).toMatchObject({ pod: rival.pod });
  await keeper.read();
  expect(keeper.sight.kind).toBe('absent');
});

test('the same version seen again does not put off the expiry', async () => {
  const store = new OneLease();
  const { keeper, clock } = aKeeper(store);
  const written = await keeper.write(claimed(unwritten, self, 0));
  clock.nowMs = 5000;
  keeper.see(written!);
  expect(keeper.sight).toMatchObject({ seenAtMs: 1000 });
});

test('naming a successor confirms nothing for the one who names', async () => {
  const store = new OneLease();
  const { keeper, clock } = aKeeper(store);
  await keeper.write(claimed(unwritten, self, 0));
  clock.nowMs = 2000;
  const handover = { from: self.pod, cause: 'switchover', replid: 'x', offset: 1 } as const;
  await keeper.write(transferred(recordIn(keeper), rival, handover));
  expect(keeper.confirmed).toEqual({ term: 1, sentAtMs: 1000 });
  expect(recordIn(keeper)).toMatchObject({ term: 2, holder: { pod: rival.pod } });
});

test.each([
  ['is deleted', true, 1],
  ['cannot be asked for', null, 0],
])('an agent whose pod %s begins no term', async (_, answer, times) => {
  const store = new OneLease();
  let replaced = 0;
  const { keeper } = aKeeper(store, {
    isReplaced: () => Promise.resolve(answer),
    onReplaced: () => {
      replaced += 1;
    },
  });
  expect(await keeper.write(claimed(unwritten, self, 0))).toBeNull();
  expect(await store.get()).toEqual({ kind: 'absent' });
  expect(keeper).toMatchObject({ failedAtMs: 1000, busy: false });
  expect(replaced).toBe(times);
});

test('who renews or names another is not held up by the question who it is', async () => {
  const store = new OneLease();
  let asked = 0;
  const isReplaced = (): Promise<boolean> => {
    asked += 1;
    return Promise.resolve(false);
  };
  const { keeper } = aKeeper(store, { isReplaced });
  await keeper.write(claimed(unwritten, self, 0));
  expect(asked).toBe(1);
  await keeper.write(renewed(recordIn(keeper), self));
  const handover = { from: self.pod, cause: 'redis-down', replid: 'h', offset: 1 } as const;
  await keeper.write(transferred(recordIn(keeper), rival, handover));
  expect(recordIn(keeper).holder).toMatchObject({ pod: rival.pod });
  expect(asked).toBe(1);
});
