import { setTimeout as sleep } from 'node:timers/promises';
import { during } from '../progress.ts';
import type { Stage } from '../scenarios/stage.ts';
import { figuresOf, runNumbers } from './amount.ts';
import type { Bench, Benchmark } from './benchmark.ts';
import { leaderAgent, openSentinelCost, regentCost, type CostSystem } from './cost-systems.ts';
import { measureInstalls } from './install-time.ts';
import { measureProbes } from './probe-cost.ts';
import { RedisClient } from './redis-client.ts';
import { costsOf, type Part } from './resident.ts';
import { openStage } from './bench-stage.ts';

/** How long a set is left alone before it counts as idle, in milliseconds. */
const settleMs = 600_000;
/** Over how long one figure is taken, in milliseconds. */
const spanMs = 60_000;
/** The same where a figure need not be good. */
const quick = { settleMs: 20_000, spanMs: 30_000 };
/** How long a load goes on before anything is measured, in milliseconds. */
const loadBeforeMs = 15_000;
/** And afterwards, so that it does not end while something is measured. */
const loadAfterMs = 20_000;
/** What is asked for. The rate that is reached is a figure of its own. */
const writesPerSecond = 20_000;
const runsUsual = 5;

/** What runs of each system, and what it takes. */
export const cost: Benchmark = {
  name: 'cost',
  asks: 'What do the agent, Sentinel and HAProxy take, idle and under load, and what does an installation?',
  play: async (bench) => {
    const stage = await openStage(bench, 'cost');
    await measureResident(bench, stage);
    await measureProbes(bench, stage);
    await measureInstalls(bench);
  },
};

/** One span to measure. */
interface Span {
  readonly event: string;
  readonly run: number;
  readonly spanMs: number;
}

async function measureResident(bench: Bench, stage: Stage): Promise<void> {
  const times = bench.isQuick ? quick : { settleMs, spanMs };
  const runs = runNumbers(bench.runs(runsUsual));
  const isMissing = (event: string) => (run: number) =>
    !bench.isDone({ subject: leaderAgent, event, run });
  const [idle, loaded] = [runs.filter(isMissing('idle')), runs.filter(isMissing('under load'))];
  if (idle.length + loaded.length === 0) return;
  const client = await RedisClient.open(stage.set);
  const systems = [regentCost(stage), await openSentinelCost(stage, client.image)];
  await during('cost: leaving all sets alone', sleep(times.settleMs));
  for (const run of idle) {
    const parts = (await Promise.all(systems.map((system) => system.parts()))).flat();
    const span = { event: 'idle', run, spanMs: times.spanMs };
    await during(`cost: idle, run ${run}`, measureSpan(bench, stage, parts, span));
  }
  for (const run of loaded) {
    for (const system of systems) {
      const span = { event: 'under load', run, spanMs: times.spanMs };
      const load = measureLoad(bench, { stage, client, system }, span);
      await during(`cost: ${system.host} under load, run ${run}`, load);
    }
  }
}

async function measureSpan(
  bench: Bench,
  { set, workload }: Stage,
  parts: readonly Part[],
  { event, run, spanMs }: Span,
): Promise<void> {
  const grounds = { cluster: set.cluster, workload, isTestbed: bench.isTestbed };
  const costs = await costsOf(grounds, parts, spanMs);
  // Both followers are one subject.
  for (const [subject, same] of Map.groupBy(costs, ({ part }) => part.subject)) {
    const amounts = same.flatMap((one) => one.amounts);
    await bench.record(figuresOf({ subject, event, run }, amounts));
  }
}

/** A system that gets a load, and what makes it. */
interface Loaded {
  readonly stage: Stage;
  readonly client: RedisClient;
  readonly system: CostSystem;
}

/** Measures a system while somebody writes to it, and how much is written. */
async function measureLoad(
  bench: Bench,
  { stage, client, system }: Loaded,
  span: Span,
): Promise<void> {
  const [parts, primaryHost] = [await system.parts(), await system.primaryHost()];
  const seconds = Math.ceil((loadBeforeMs + span.spanMs + loadAfterMs) / 1000);
  const load = client.load(system.host, writesPerSecond, seconds);
  try {
    await sleep(loadBeforeMs);
    const sinceMs = performance.now();
    const before = await client.setCount(primaryHost);
    await measureSpan(bench, stage, parts, span);
    const count = (await client.setCount(primaryHost)) - before;
    const value = (count * 1000) / (performance.now() - sinceMs);
    const run = { subject: `load on ${system.host}`, event: span.event, run: span.run };
    await bench.record(figuresOf(run, [{ measure: 'writes', unit: '1/s', value }]));
  } finally {
    await load;
  }
}
