import { setTimeout as sleep } from 'node:timers/promises';
import { uniquePrefix } from '../experiment/failover.ts';
import type { Cluster } from '../experiment/cluster.ts';
import { RedisSet } from '../experiment/redis-set.ts';
import { replaceWorn } from '../experiment/replace-worn.ts';
import { containerId, phaseMs } from '../experiment/strike.ts';
import { Workload } from '../experiment/workload.ts';
import { during, say } from '../progress.ts';
import { longestGapMs } from '../scenarios/outcome.ts';
import { adoptClock, wallClockMs } from '../workload/wall-clock.ts';
import { agentImage } from './chart-image.ts';
import { figuresOf, runNumbers, type Amount } from './amount.ts';
import type { Bench, Benchmark } from './benchmark.ts';
import { controlPlane, type ControlPlane, type ProcessUsage } from './control-plane.ts';
import { projectionTable } from './projection.ts';
import { requestsOfPods, type RequestKind } from './request-log.ts';

/** How many releases there are at a time, ascending. */
const steps = [0, 1, 10, 30];
const quickSteps = [0, 1, 3];
/** Releases that are installed at the same time: more make a small machine's pods miss their probes. */
const batchCount = 3;
const podCount = 3;
/** Spans of time that are measured, and failovers, for each step. */
const spansUsual = 3;
const failoversUsual = 10;
const spanMs = 60_000;
/** After an installation there is more to do for a while. */
const settleMs = 60_000;
const quick = { spanMs: 15_000, settleMs: 5000 };
const settleTimeoutMs = 600_000;
const failoverTimeoutMs = 120_000;
const aroundMs = 1000;
const mebibyte = 1 << 20;
/** Small sets, all with one password, so that one client can write to each. */
const passwordName = 'password';
const password = 'scale';
const values = ['master.persistence.enabled=false', `auth.password=${password}`];

const requestKinds: Readonly<Record<RequestKind, string>> = {
  read: 'reads by agents',
  watch: 'watches begun by agents',
  write: 'writes by agents',
};

/** What many releases cost the control plane, and whether they still fail over as fast. */
export const scale: Benchmark = {
  name: 'scale',
  asks: 'What do many releases in one cluster cost the API server, and does failover stay as fast?',
  conclude: projectionTable,
  play: async (bench) => {
    if (!bench.isTestbed) {
      say('scale: only the cluster of scripts/cluster tells who asks its API server');
      return;
    }
    const cluster = await bench.openNamespace('scale');
    const stringData = { 'redis-password': password };
    const metadata = { name: passwordName };
    await cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata, stringData }]);
    const workload = new Workload(cluster, {
      image: await agentImage(cluster),
      password: { name: passwordName, key: 'redis-password' },
      tlsSecret: null,
    });
    await workload.install();
    const sets: RedisSet[] = [];
    for (const count of bench.isQuick ? quickSteps : steps) {
      await during(`scale: installing ${count} releases`, grow(bench, sets, count));
      await workload.prepareKills((await sets[0]?.pods())?.map(({ machine }) => machine) ?? []);
      await sleep(bench.isQuick ? quick.settleMs : settleMs);
      await measureSpans(bench, cluster, count);
      if (count > 0) await measureFailovers(bench, workload, sets);
    }
  },
};

/** Installs releases until there are `count`, each in a namespace of its own. */
async function grow(bench: Bench, sets: RedisSet[], count: number): Promise<void> {
  while (sets.length < count) {
    const batch = runNumbers(Math.min(batchCount, count - sets.length));
    const added = batch.map(async (offset) => {
      const cluster = await bench.openNamespace(`scale-${sets.length + offset}`);
      const set = new RedisSet(cluster, 'it');
      await set.install(...values);
      return set;
    });
    const installed = await Promise.all(added);
    for (const set of installed) await set.settled(podCount, settleTimeoutMs);
    sets.push(...installed);
  }
}

async function measureSpans(bench: Bench, cluster: Cluster, count: number): Promise<void> {
  for (const run of runNumbers(bench.runs(spansUsual))) {
    const event = eventOf(count);
    if (bench.isDone({ subject: 'API server', event, run })) continue;
    adoptClock();
    const passing = sleep(bench.isQuick ? quick.spanMs : spanMs);
    const sinceMs = wallClockMs();
    const before = await controlPlane(cluster);
    await during(`scale: ${event}, looking at the control plane, run ${run}`, passing);
    const after = await controlPlane(cluster);
    const seconds = (wallClockMs() - sinceMs) / 1000;
    const agents = await agentRequests(sinceMs, seconds);
    const apiServer = [
      ...processAmounts(before.apiServer, after.apiServer, seconds),
      ...verbAmounts(before, after, seconds),
      ...agents,
    ];
    await bench.record(figuresOf({ subject: 'API server', event, run }, apiServer));
    const etcd = processAmounts(before.etcd, after.etcd, seconds);
    await bench.record(figuresOf({ subject: 'etcd', event, run }, etcd));
  }
}

function eventOf(count: number): string {
  return count === 1 ? '1 release' : `${count} releases`;
}

function processAmounts(before: ProcessUsage, after: ProcessUsage, seconds: number): Amount[] {
  const cpu = (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds;
  return [
    { measure: 'CPU', unit: '% of a core', value: cpu },
    { measure: 'RSS', unit: 'MiB', value: after.rssBytes / mebibyte },
  ];
}

/** Requests of anybody. Looking at the metrics is one of them. */
function verbAmounts(before: ControlPlane, after: ControlPlane, seconds: number): Amount[] {
  return [...after.requests].map(([verb, total]) => {
    const value = (total - (before.requests.get(verb) ?? 0)) / seconds;
    return { measure: `requests of all, ${verb}`, unit: '1/s', value };
  });
}

async function agentRequests(sinceMs: number, seconds: number): Promise<Amount[]> {
  const untilMs = sinceMs + seconds * 1000;
  const requests = (await requestsOfPods('bench-scale-', sinceMs)).filter(
    ({ atMs }) => atMs < untilMs,
  );
  return Object.entries(requestKinds).map(([kind, measure]) => {
    const { length } = requests.filter((one) => one.kind === kind);
    return { measure, unit: '1/s', value: length / seconds };
  });
}

/** Kills one leader's Redis after the other, each time of another release. */
async function measureFailovers(
  bench: Bench,
  workload: Workload,
  sets: readonly RedisSet[],
): Promise<void> {
  const event = eventOf(sets.length);
  for (const run of runNumbers(bench.runs(failoversUsual))) {
    const name = { subject: 'regent', event, run };
    const set = sets[Math.floor(Math.random() * sets.length)];
    if (set === undefined || bench.isDone(name)) continue;
    const gapMs = await during(`scale: ${event}, failover ${run}`, failoverGapMs(workload, set));
    const amount = { measure: 'Redis killed: write gap, Service', unit: 'ms', value: gapMs };
    await bench.record(figuresOf(name, [amount]));
  }
}

async function failoverGapMs(workload: Workload, set: RedisSet): Promise<number | null> {
  await replaceWorn(set, podCount, settleTimeoutMs);
  const leader = await set.settled(podCount, settleTimeoutMs);
  await workload.prepareKills([leader.machine]);
  const host = `${set.leaderService}.${set.cluster.namespace}`;
  const writer = workload.startWriter(host, uniquePrefix());
  try {
    const patience = { what: `writing to ${host}`, timeoutMs: failoverTimeoutMs };
    await writer.until(() => writer.of('acknowledged')[20], patience);
    const blow = await workload.aim(leader.machine, [containerId(leader, 'redis')]);
    await sleep(Math.random() * phaseMs);
    const { atMs } = await blow();
    const connections = (): number => writer.of('acknowledged').at(-1)?.connection ?? 0;
    const before = connections();
    await writer.until(() => (connections() > before ? true : undefined), patience);
    await sleep(aroundMs);
    await writer.stop();
    await set.settled(podCount, settleTimeoutMs);
    return longestGapMs(writer.of('acknowledged').filter((one) => one.atMs > atMs - aroundMs));
  } finally {
    await writer.stop();
  }
}
