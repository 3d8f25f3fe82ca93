import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Metrics, type MetricsReading } from '../../../agent/http/metrics.ts';

let reading: MetricsReading;
let metrics: Metrics;

beforeEach(() => {
  reading = {
    isLeading: true,
    term: 3,
    leaseRemainingMs: 2500,
    offset: 42,
    replicas: 2,
    isRedisUp: true,
    requiredReplicas: 1,
    promises: 2,
    apiSilenceMs: 1500,
  };
  metrics = new Metrics(() => reading);
});

afterEach(() => {
  metrics.end();
});

async function lines(name: string): Promise<readonly string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith(name));
}

test('readings are those of the moment', async () => {
  expect(await lines('regent_lease_remaining')).toEqual(['regent_lease_remaining_seconds 2.5']);
  expect(await lines('regent_is_leader')).toEqual(['regent_is_leader 1']);
  reading = { ...reading, isLeading: false, term: 4 };
  expect(await lines('regent_is_leader')).toEqual(['regent_is_leader 0']);
  expect(await lines('regent_term')).toEqual(['regent_term 4']);
});

test('what is not known is absent, not zero', async () => {
  expect(await lines('regent_replication_offset')).toHaveLength(1);
  reading = {
    ...{ ...reading, leaseRemainingMs: null, offset: null, replicas: null },
    ...{ requiredReplicas: null, apiSilenceMs: null },
  };
  const absent = ['lease_remaining', 'replication_offset', 'streaming_replicas'];
  for (const name of [...absent, 'required_replicas', 'api_silence']) {
    expect(await lines(`regent_${name}`)).toEqual([]);
  }
});

test('what guards writes, and what keeps a leader without the API server, is shown', async () => {
  expect(await lines('regent_required_replicas')).toEqual(['regent_required_replicas 1']);
  expect(await lines('regent_promises_held')).toEqual(['regent_promises_held 2']);
  expect(await lines('regent_api_silence')).toEqual(['regent_api_silence_seconds 1.5']);
  metrics.cutClients();
  expect(await lines('regent_client_cuts')).toEqual(['regent_client_cuts_total 1']);
});

test('transitions and fences are counted by reason', async () => {
  metrics.transition('promote');
  metrics.transition('promote');
  metrics.fence('fence-deadline-passed');
  expect(await lines('regent_transitions')).toEqual([
    'regent_transitions_total{reason="promote"} 2',
  ]);
  expect(await lines('regent_fences')).toEqual([
    'regent_fences_total{reason="fence-deadline-passed"} 1',
  ]);
});

test('durations are in seconds', async () => {
  metrics.failover('promote', 2);
  metrics.renewal('unreachable', 1200);
  expect(await lines('regent_failover_seconds_sum')).toEqual([
    'regent_failover_seconds_sum{phase="promote"} 0.002',
  ]);
  expect(await lines('regent_lease_write_seconds_sum')).toEqual([
    'regent_lease_write_seconds_sum{result="unreachable"} 1.2',
  ]);
});

test('processor time does not count twice', async () => {
  const value = async (): Promise<number> =>
    Number((await lines('process_cpu_seconds_total'))[0]?.split(' ')[1]);
  const first = await value();
  expect(first).toBeGreaterThan(0);
  expect(await value()).toBeLessThan(2 * first + 1);
});
