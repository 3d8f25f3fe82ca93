import { describe, expect, test } from '@jest/globals';
import { inStepAtMs } from '../../../scripts/benchmarks/in-step.ts';
import { containerStats } from '../../../scripts/benchmarks/kubelet-stats.ts';
import { requestsByVerb } from '../../../scripts/benchmarks/control-plane.ts';
import { readings, sumOf } from '../../../scripts/benchmarks/metrics-text.ts';
import { timesOf } from '../../../scripts/benchmarks/probe-cost.ts';
import {
  projectedAt,
  projectionsOf,
  projectionTable,
} from '../../../scripts/benchmarks/projection.ts';
import { loadCommand, resultOf } from '../../../scripts/benchmarks/redis-benchmark.ts';
import { podRequests } from '../../../scripts/benchmarks/request-log.ts';
import { cpuMs, isFirst, memoryField } from '../../../scripts/workload/processes.ts';
import type { Answered } from '../../../scripts/workload/record.ts';

describe('what Linux tells of a process', () => {
  test('memory is read in bytes, whole fields only', () => {
    const text =
      '00400000-7ffe3f1ae000 ---p 00000000 00:00 0    [rollup]\nRss:               66256 kB\n' +
      'Pss:               64296 kB\nPss_Anon:          20840 kB\nAnonymous:             0 kB\n';
    expect(memoryField(text, 'Rss')).toBe(66_256 * 1024);
    expect(memoryField(text, 'Pss')).toBe(64_296 * 1024);
    expect(memoryField(text, 'Anonymous')).toBe(0);
    expect(() => memoryField(text, 'Swap')).toThrow('smaps_rollup has no Swap');
  });

  test('CPU time is read past a name with spaces and parentheses', () => {
    const after = 'S 1813 2036 2036 0 -1 4194560 10271 0 1 0 75 12 0 0 20 0 11';
    expect(cpuMs(`2036 (Main) Thread) ${after}`)).toBe(870);
  });

  test('the first process of a container is number 1 below the machine, not on it', () => {
    expect(isFirst('Name:\tnode\nNSpid:\t2036\t1\n')).toBe(true);
    expect(isFirst('Name:\tredis-cli\nNSpid:\t2036\t17\n')).toBe(false);
    expect(isFirst('Name:\tinit\nNSpid:\t1\n')).toBe(false);
  });
});

describe('what a cluster tells', () => {
  test('metrics are read with labels that hold commas, braces and escaped quotes', () => {
    const text =
      '# HELP asked Requests\n# TYPE asked counter\nasked{verb="GET",path="/a{b},\\"c\\""} 3\n' +
      'asked{verb="PUT",path=""} 4\nasked_bucket{le="+Inf"} 1e+03\nup 1 1795203200000\n';
    const all = readings(text);
    expect(all[0]?.labels).toEqual({ verb: 'GET', path: '/a{b},"c"' });
    expect(sumOf(all, 'asked')).toBe(7);
    expect(sumOf(all, 'asked', { verb: 'PUT' })).toBe(4);
    expect(sumOf(all, 'asked_bucket', { le: '+Inf' })).toBe(1000);
    expect(sumOf(all, 'up')).toBe(1);
    expect(() => readings('what is this?')).toThrow('this is no metric: what is this?');
  });

  test('requests of all resources and codes are counted by verb', () => {
    const text =
      'apiserver_request_total{code="200",resource="pods",verb="GET"} 3\n' +
      'apiserver_request_total{code="404",resource="leases",verb="GET"} 2\n' +
      'apiserver_request_total{code="200",resource="leases",verb="PUT"} 7\n';
    expect([...requestsByVerb(readings(text))]).toEqual([
      ['GET', 5],
      ['PUT', 7],
    ]);
  });

  test('the audit log tells requests of pods, a watch when it begins', () => {
    const event = (verb: string, stage: string, extra: object): string =>
      JSON.stringify({
        ...{ verb, stage, user: { username: 'system:serviceaccount:shop:it-redis', extra } },
        requestReceivedTimestamp: '2026-11-20T19:30:27.740259Z',
      });
    const pod = { 'authentication.kubernetes.io/pod-name': ['it-redis-node-0'] };
    const log = [
      event('update', 'ResponseComplete', pod),
      event('list', 'ResponseComplete', pod),
      event('watch', 'ResponseStarted', pod),
      event('watch', 'ResponseComplete', pod),
      event('update', 'ResponseComplete', {}),
    ].join('\n');
    const requests = podRequests(`${log}\n`);
    expect(requests.map(({ kind }) => kind)).toEqual(['write', 'read', 'watch']);
    expect(requests[0]).toEqual({
      ...{ namespace: 'shop', pod: 'it-redis-node-0', kind: 'write' },
      atMs: Date.UTC(2026, 10, 20, 19, 30, 27, 740),
    });
  });

  test('a container that kubelet has not looked at yet is left out', () => {
    const memory = { workingSetBytes: 24_096_768 };
    const cpu = { time: '2026-11-20T19:27:14Z', usageCoreNanoSeconds: 798_988_661 };
    const containers = [
      { name: 'agent', cpu, memory },
      { name: 'redis', memory },
    ];
    const podOf = (namespace: string): object => ({
      podRef: { name: 'it-redis-node-0', namespace },
      containers,
    });
    const answer = JSON.stringify({ pods: [podOf('shop'), podOf('other')] });
    expect(containerStats(answer, 'shop')).toEqual([
      {
        ...{ pod: 'it-redis-node-0', container: 'agent', workingSetBytes: 24_096_768 },
        ...{ cpuMs: 798.988661, atMs: Date.UTC(2026, 10, 20, 19, 27, 14) },
      },
    ]);
  });
});

describe('what programs tell', () => {
  test('redis-benchmark is read by the names of its columns', () => {
    const csv =
      '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",' +
      '"p99_latency_ms","max_latency_ms"\n"SET","10489.28","2.1","0.5","2.319","4.0","8.183","9.9"\n';
    expect(resultOf(csv)).toEqual({ requestsPerSecond: 10_489.28, medianMs: 2.319, p99Ms: 8.183 });
    expect(() => resultOf('NOAUTH Authentication required')).toThrow('told no rps: NOAUTH');
  });

  test('a load is made of bursts that add up to its rate', () => {
    expect(loadCommand('it-redis-master', 20_000, 90)).toContain('-n 5000 ');
  });

  test('times of bash become milliseconds', () => {
    expect(timesOf('0.037 0.021 0.013\n')).toEqual([{ wallMs: 37, cpuMs: expect.closeTo(34) }]);
    expect(() => timesOf('regent: not found\n')).toThrow('these are no times');
  });
});

describe('what is computed from figures', () => {
  const answer = (role: string, link: string | null, atMs: number): Answered => ({
    ...{ kind: 'answered', role, link, reads: true, atMs },
  });

  test('all pods are in step since the last one that fell behind is', () => {
    const leader = [answer('slave', 'connected', 1), answer('master', null, 120)];
    const follower = [
      answer('slave', 'connected', 1),
      answer('slave', 'sync', 150),
      answer('slave', 'connected', 900),
    ];
    expect(inStepAtMs([leader, follower], 100)).toBe(900);
    expect(inStepAtMs([leader, [answer('slave', 'connected', 1)]], 100)).toBe(100);
    expect(inStepAtMs([leader, follower.slice(0, 2)], 100)).toBeNull();
  });

  test('many releases are projected from none and the most that were measured, memory is not', () => {
    const sample = (subject: string, event: string, value: number) => ({
      ...{ benchmark: 'scale', subject, event, measure: 'CPU', unit: '% of a core', run: 1, value },
    });
    const samples = [
      sample('etcd', '10 releases', 5),
      sample('etcd', '0 releases', 2),
      sample('etcd', '1 release', 9),
      sample('regent', '0 releases', 1),
      sample('regent', '10 releases', 2),
      sample('API server', '10 releases', 2),
      { ...sample('etcd', '0 releases', 100), measure: 'RSS', unit: 'MiB' },
      { ...sample('etcd', '10 releases', 200), measure: 'RSS', unit: 'MiB' },
    ];
    const [projection, ...others] = projectionsOf(samples);
    expect(projectionTable(samples)?.table.rows).toEqual([
      ['etcd', 'CPU', '% of a core', '2', '0.3', '302'],
    ]);
    expect(projectionTable(samples.slice(0, 1))).toBeNull();
    expect(others).toEqual([]);
    expect(projection).toMatchObject({ subject: 'etcd', base: 2, measuredCount: 10 });
    expect(projection?.perRelease).toBeCloseTo(0.3);
    expect(projection === undefined ? null : projectedAt(projection, 1000)).toBeCloseTo(302);
  });
});
