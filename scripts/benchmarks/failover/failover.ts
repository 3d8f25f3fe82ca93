import { randomBytes } from 'node:crypto';
import { messageOf } from '../../../agent/errors.ts';
import type { Cluster } from '../../experiment/cluster.ts';
import { Workload } from '../../experiment/workload.ts';
import { during, say } from '../../progress.ts';
import { runNumbers } from '../amount.ts';
import type { Bench, Benchmark } from '../benchmark.ts';
import { comparison } from './comparison.ts';
import { events, NotStruckError, type FailoverEvent } from './events.ts';
import { freshenAll, renew } from './freshen.ts';
import { isOf, measureOn } from './measure.ts';
import { RegentSystem } from './regent-system.ts';
import { playRun } from './run.ts';
import { SentinelSystem } from './sentinel-system.ts';
import type { System } from './system.ts';

/** The password of every system, so that one application can be that of all of them. */
const password = { name: 'bench-password', key: 'redis-password' } as const;
/** The HAProxy in front of what Sentinels watch. */
export const haproxy = 'docker.io/library/haproxy:3.0.11';
/** A failover that fails is tried anew after twice this time: usual charts have three minutes. */
export const failoverTimeoutMs = 10_000;

/** How long an application cannot write, and what it loses. */
export const failover: Benchmark = {
  name: 'failover',
  asks: 'How long can an application not write when something happens to the primary, and what is lost?',
  chart: {
    measures: [measureOn('gap', 'Service'), measureOn('gap', 'Sentinel client')],
    axis: 'longest pause between two acknowledged writes, in milliseconds',
  },
  conclude: comparison,
  play,
};

async function play(bench: Bench): Promise<void> {
  const cluster = await bench.openNamespace('failover');
  const { systems, workload } = await during('installing all systems', install(bench, cluster));
  const wanted = events.filter(
    ({ name, needsTestbed = false }) => bench.wants(name) && (bench.isTestbed || !needsTestbed),
  );
  const ground = { cluster, workload, systems };
  for (const event of wanted) {
    for (const number of runNumbers(bench.runs(event.runs))) {
      await oneRound(bench, ground, event, number);
    }
  }
}

/** A run of each system, in an order that is drawn anew. Runs that are there already are left out. */
async function oneRound(
  bench: Bench,
  ground: RunOptions['ground'],
  event: FailoverEvent,
  number: number,
): Promise<void> {
  const isMissing = ({ name }: System): boolean =>
    !bench.isDone({ subject: name, event: event.name, run: number });
  const missing = ground.systems.filter(isMissing);
  if (missing.length === 0) return;
  const title = `${event.name}, run ${number} of ${bench.runs(event.runs)}`;
  await during(`${title}: getting ready`, freshenAll(ground.cluster, ground.systems));
  for (const system of shuffled(missing)) {
    await during(`${title}: ${system.name}`, oneRun(bench, { ground, system, event, number }));
  }
}

interface RunOptions {
  readonly ground: { cluster: Cluster; workload: Workload; systems: readonly System[] };
  readonly system: System;
  readonly event: FailoverEvent;
  readonly number: number;
}

/**
 * A run that cannot be brought to its end is one without a value, and the next has a new system. One
 * whose event could not be brought about is left out: `--resume` makes up for it.
 */
async function oneRun(bench: Bench, { ground, system, event, number }: RunOptions): Promise<void> {
  const what = { subject: system.name, event: event.name, run: number };
  try {
    const figures = await playRun(ground, system, event);
    await bench.record(figures.map((figure) => ({ ...what, ...figure })));
    const gaps = figures.filter(({ measure }) => isOf('gap', measure));
    say(`  ${gaps.map(({ measure, value }) => `${measure}: ${String(value)} ms`).join(', ')}`);
  } catch (error) {
    say(`  did not end well: ${messageOf(error)}`);
    if (!(error instanceof NotStruckError)) {
      const ways = await system.ways();
      const figures = ways.map(({ name }) => ({ measure: measureOn('gap', name), unit: 'ms' }));
      await bench.record(figures.map((figure) => ({ ...what, ...figure, value: null })));
    }
    // One that does not come up is tried once more before the next round.
    await renew(system).catch((again: unknown) => {
      say(`  nor did it come up anew: ${messageOf(again)}`);
    });
  }
  // What hits a machine hits all systems, and they must not be busy with it when the next run begins.
  if (event.needsTestbed === true) await freshenAll(ground.cluster, ground.systems);
}

async function install(
  bench: Bench,
  cluster: Cluster,
): Promise<{ systems: System[]; workload: Workload }> {
  const { name, key } = password;
  const value = randomBytes(12).toString('hex');
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name } };
  await cluster.apply([{ ...secret, stringData: { [key]: value } }]);

  const tools: { workload?: Workload } = {};
  const workload = (): Workload => {
    if (tools.workload === undefined) throw new Error('the programs are not installed yet');
    return tools.workload;
  };
  const regents = (['fast', 'default'] as const).map((timing) => {
    return new RegentSystem(cluster, { release: timing, timing, password }, workload);
  });
  for (const system of regents) await system.install();
  const { redis, node } = (await regents[0]?.images()) ?? { redis: '', node: '' };
  tools.workload = new Workload(cluster, { image: node, password, tlsSecret: null });
  const images = { redis, haproxy };
  const sentinels = [1000, 5000].map((downAfterMs) => {
    const times = { downAfterMs, failoverTimeoutMs };
    const options = { name: `sentinel-${downAfterMs / 1000}`, images, password, ...times };
    return new SentinelSystem(cluster, options, workload());
  });
  for (const system of sentinels) await system.install();
  await workload().install();
  const systems = [...regents, ...sentinels];
  const machines: string[] = [];
  for (const system of systems) {
    await system.whole();
    machines.push(...(await system.pods()).map(({ machine }) => machine));
  }
  await workload().prepareKills(machines);
  await bench.addVersion('Redis', redis);
  await bench.addVersion('HAProxy', haproxy);
  return { systems, workload: workload() };
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}
