import { expect, test } from '@jest/globals';
import { monotonic } from '../../../agent/core/units.ts';
import type { RouteReading, RouteResult } from '../../../agent/kube/endpoint-slice.ts';
import { Routing } from '../../../agent/run/routing.ts';
import { silentLog } from './silent-log.ts';

const ours = { term: 3, address: '10.0.0.1' };
const lost = { kind: 'unreachable', cause: 'lost' } as const;

/** A slice that answers as it is told. */
class OneSlice {
  reading: RouteReading = { kind: 'ok', route: ours };
  result: RouteResult = { kind: 'ok', route: ours };
  /** What a reading waits for. */
  gate: Promise<unknown> = Promise.resolve();
  reads = 0;
  writes = 0;

  read(): Promise<RouteReading> {
    this.reads += 1;
    return this.gate.then(() => this.reading);
  }

  write(): Promise<RouteResult> {
    this.writes += 1;
    return Promise.resolve(this.result);
  }
}

function aRouting(store: OneSlice): { routing: Routing; changes: { count: number } } {
  const changes = { count: 0 };
  const routing = new Routing({
    store,
    address: ours.address,
    reviewPeriodMs: 1000,
    clock: () => monotonic(0),
    log: silentLog,
    onRouted: () => undefined,
    onChange: () => {
      changes.count += 1;
    },
  });
  return { routing, changes };
}

test('a route is known once it was written', async () => {
  const { routing } = aRouting(new OneSlice());
  await routing.route(3);
  expect(routing.sight).toEqual(ours);
  expect(routing.busy).toBe(false);
});

test('a write that failed leaves what was known, and is to be tried again', async () => {
  const store = new OneSlice();
  const { routing, changes } = aRouting(store);
  store.result = lost;
  const writing = routing.route(3);
  expect(routing.busy).toBe(true);
  await writing;
  expect(routing).toMatchObject({ sight: null, busy: false });
  expect(changes.count).toBe(1);
});

test('a slice that was deleted is seen, within the period and not more often', async () => {
  const store = new OneSlice();
  const { routing, changes } = aRouting(store);
  await routing.route(3);
  store.reading = { kind: 'ok', route: null };
  await routing.review(monotonic(5000));
  expect(routing.sight).toEqual({ term: 0, address: null });
  expect(changes.count).toBe(2);
  await routing.review(monotonic(5999));
  expect(store.reads).toBe(1);
  await routing.review(monotonic(6000));
  expect(store.reads).toBe(2);
});

test('a slice as it should be is no event', async () => {
  const { routing, changes } = aRouting(new OneSlice());
  await routing.route(3);
  await routing.review(monotonic(5000));
  expect(changes.count).toBe(1);
});

test('a reading that failed says nothing', async () => {
  const store = new OneSlice();
  const { routing } = aRouting(store);
  await routing.route(3);
  store.reading = lost;
  await routing.review(monotonic(5000));
  expect(routing.sight).toEqual(ours);
});

test('a reading that was overtaken by a write says nothing', async () => {
  const store = new OneSlice();
  const { routing } = aRouting(store);
  await routing.route(3);
  const later = { term: 4, address: ours.address };
  store.result = { kind: 'ok', route: later };
  store.reading = { kind: 'ok', route: null };
  const writing = routing.route(4);
  store.gate = writing;
  await Promise.all([routing.review(monotonic(5000)), writing]);
  expect(routing.sight).toEqual(later);
});

test('a follower reads the slice once for each term, when its leader has had time to write it', () => {
  const store = new OneSlice();
  const { routing } = aRouting(store);
  const reads = ([term, atMs]: readonly [number, number]): number => {
    routing.prepareFor(term, monotonic(atMs));
    return store.reads;
  };
  const asked = [
    [3, 10_000],
    [3, 11_999],
    [3, 12_000],
    [3, 60_000],
    [4, 60_001],
    [4, 62_001],
  ] as const;
  expect(asked.map(reads)).toEqual([0, 0, 1, 1, 1, 2]);
  // For its next write alone: the core decides by what the leader said.
  expect(routing.sight).toBeNull();
});
