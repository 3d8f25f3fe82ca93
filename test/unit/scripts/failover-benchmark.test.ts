import { expect, test } from '@jest/globals';
import { comparison } from '../../../scripts/benchmarks/failover/comparison.ts';
import { sentinelPhases } from '../../../scripts/benchmarks/failover/sentinel-log.ts';
import { verdictOf } from '../../../scripts/benchmarks/failover/verdict.ts';

function write(n: number, atMs: number): Parameters<typeof verdictOf>[0]['acknowledged'][number] {
  return { kind: 'acknowledged', n, connection: 1, sentMs: atMs - 1, atMs };
}

const writes = [write(1, 100), write(2, 600), write(3, 605), write(7, 905), write(8, 910)];

test('a pause counts when it ends after the event, also when it began before', () => {
  const verdict = verdictOf({ acknowledged: writes, stale: [] }, [], 700);
  expect(verdict).toEqual({ gapMs: 300, lostCount: 0, staleCount: 0 });
});

test('an application that never writes again has no gap, rather than a short one', () => {
  expect(verdictOf({ acknowledged: writes, stale: [] }, [], 1000).gapMs).toBeNull();
});

test('a read without a write that is there was served wrongly; one without a lost write was not', () => {
  const stale = [2, 3, 3].map((n) => ({ kind: 'stale' as const, n, atMs: 700 }));
  const verdict = verdictOf({ acknowledged: writes, stale }, [3], 650);
  expect(verdict).toMatchObject({ lostCount: 1, staleCount: 1 });
});

test('the phases of a failover are read from what the Sentinels say, the first sighting of each', () => {
  const logs = [
    `1:X 20 Nov 2026 20:02:25.601 # +sdown master primary 10.96.0.7 6379
1:X 20 Nov 2026 20:02:25.700 # +odown master primary 10.96.0.7 6379 #quorum 2/2
1:X 20 Nov 2026 20:02:26.601 # +switch-master primary 10.96.0.7 6379 10.96.0.8 6379`,
    `no line of a Sentinel
1:X 20 Nov 2026 20:02:20.000 # +sdown master primary 10.96.0.7 6379
1:X 20 Nov 2026 20:02:25.590 # +sdown master primary 10.96.0.7 6379
1:X 20 Nov 2026 20:02:25.800 # +elected-leader master primary 10.96.0.7 6379
1:X 20 Nov 2026 20:02:26.300 # +promoted-slave slave 10.96.0.8:6379 10.96.0.8 6379 @ primary`,
  ];
  const sinceMs = Date.UTC(2026, 10, 20, 20, 2, 24, 0);
  const found = sentinelPhases(logs, sinceMs).map(({ name, atMs }) => [name, atMs - sinceMs]);
  expect(found).toEqual([
    ['noticed', 1590],
    ['agreed', 1700],
    ['Sentinel elected', 1800],
    ['promoted', 2300],
    ['Sentinels moved', 2601],
  ]);
});

test('all systems stand beside each other, with what the worst of their runs has lost', () => {
  const of = (subject: string, measure: string, values: readonly (number | null)[]) =>
    values.map((value, index) => ({
      ...{ benchmark: 'failover', event: 'Redis killed', unit: 'ms' },
      ...{ subject, measure, run: index + 1, value },
    }));
  const samples = [
    ...of('sentinel 1 s', 'write gap, Sentinel client', [900, null, 1100]),
    ...of('sentinel 1 s', 'acknowledged writes lost, Sentinel client', [0, 31, 7]),
    ...of('sentinel 1 s', 'write gap, Service', [null]),
    ...of('regent fast', 'write gap, Service', [200.4, 100.2, 300]),
    ...of('regent fast', 'acknowledged writes lost, Service', [0, 0, 0]),
    ...of('regent fast', 'until noticed', [3]),
  ];
  expect(comparison(samples)?.table).toMatchObject({
    head: ['event', 'regent fast', 'sentinel 1 s', 'sentinel 1 s, Sentinel client'],
    rows: [['Redis killed', '200', '-', '1000, 31 lost, 1 of 3 without an end']],
  });
  expect(comparison([])).toBeNull();
});
