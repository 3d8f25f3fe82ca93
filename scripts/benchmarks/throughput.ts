import { containerId } from '../experiment/strike.ts';
import { during } from '../progress.ts';
import type { Stage } from '../scenarios/stage.ts';
import { figuresOf, runNumbers, type Amount, type RunName } from './amount.ts';
import { openStage } from './bench-stage.ts';
import type { Bench, Benchmark } from './benchmark.ts';
import type { BenchmarkRun, Throughput } from './redis-benchmark.ts';
import { RedisClient } from './redis-client.ts';

const runsUsual = 10;
/**
 * How long a run of redis-benchmark goes on, in seconds, roughly: agents that are stopped for so long do
 * not lose the lead with the timing `calm`, whose deadline is 11 seconds.
 */
const runSeconds = 3;
const quickRunSeconds = 1;
/** Requests that tell how many make up such a run. */
const trialCount = 50_000;
const waitCount = 200;

/** What is asked of Redis. */
const loads = [
  { event: 'SET', command: 'set', pipeline: 1 },
  { event: 'GET', command: 'get', pipeline: 1 },
  { event: 'SET, 16 at a time', command: 'set', pipeline: 16 },
  { event: 'GET, 16 at a time', command: 'get', pipeline: 16 },
] as const;

/** An installed set, with what is run against it. */
interface Rig {
  readonly durability: string;
  readonly stage: Stage;
  readonly client: RedisClient;
  /** Requests of one run, by the event. */
  readonly counts: ReadonlyMap<string, number>;
}

/** One way to measure: a set, and whether its agents go on. */
interface Turn {
  readonly rig: Rig;
  readonly isStopped: boolean;
}

/**
 * What an agent beside it costs Redis, and what `guarded` costs: the same Redis processes with the same
 * settings, once with agents that run and once with all three stopped by SIGSTOP for the time of a run.
 */
export const throughput: Benchmark = {
  name: 'throughput',
  asks: 'Is Redis slower with the agent beside it, or with guarded writes?',
  play: async (bench) => {
    const rigs = [await openRig(bench, 'async'), await openRig(bench, 'guarded')];
    const turns = rigs.flatMap((rig) => [true, false].map((isStopped) => ({ rig, isStopped })));
    for (const run of runNumbers(bench.runs(runsUsual))) {
      await during(`throughput, run ${run}`, playRun(bench, turns, run));
      for (const rig of rigs) await measureWait(bench, rig, run);
    }
  },
};

async function openRig(bench: Bench, durability: string): Promise<Rig> {
  const install = { values: [`failover.durability=${durability}`] };
  const stage = await openStage(bench, `throughput-${durability}`, install, 'calm');
  await stage.whole();
  const client = await RedisClient.open(stage.set);
  const seconds = bench.isQuick ? quickRunSeconds : runSeconds;
  const counts = new Map<string, number>();
  for (const { event, ...load } of loads) {
    const trial = await client.benchmark({ ...load, requestCount: trialCount });
    counts.set(event, Math.ceil(trial.requestsPerSecond * seconds));
  }
  return { durability, stage, client, counts };
}

/** One run of each load in each way, in another order each time. */
async function playRun(bench: Bench, turns: readonly Turn[], run: number): Promise<void> {
  for (const { event, ...load } of loads) {
    for (const turn of inAnyOrder(turns)) {
      const { rig, isStopped } = turn;
      const agents = isStopped ? 'agents stopped' : 'agents running';
      const name = { subject: `${rig.durability}, ${agents}`, event, run };
      if (bench.isDone(name)) continue;
      const requestCount = rig.counts.get(event) ?? trialCount;
      await measureTurn(bench, turn, { ...load, requestCount }, name);
    }
  }
}

async function measureTurn(
  bench: Bench,
  { rig, isStopped }: Turn,
  run: BenchmarkRun,
  name: RunName,
): Promise<void> {
  const { stage, client } = rig;
  const leader = await stage.whole();
  const goOn = isStopped ? await stopAgents(stage) : (): Promise<unknown> => Promise.resolve();
  let result: Throughput;
  try {
    result = await client.benchmark(run);
  } finally {
    await goOn();
  }
  const successor = await stage.whole();
  // A lead that moved meanwhile makes a figure of something else.
  const isGood = successor.uid === leader.uid;
  await bench.record(figuresOf(name, amountsOf(isGood ? result : null)));
}

function amountsOf(result: Throughput | null): Amount[] {
  return [
    { measure: 'requests', unit: '1/s', value: result?.requestsPerSecond ?? null },
    { measure: 'latency, median', unit: 'ms', value: result?.medianMs ?? null },
    { measure: 'latency, p99', unit: 'ms', value: result?.p99Ms ?? null },
  ];
}

/** Stops all agents of a set where they are. Resolves with what lets them go on. */
async function stopAgents({ set, workload }: Stage): Promise<() => Promise<unknown>> {
  const machines = Map.groupBy(await set.pods(), ({ machine }) => machine);
  const signals = ['SIGSTOP', 'SIGCONT'] as const;
  const sends = await Promise.all(
    [...machines].map(([machine, pods]) => {
      const agents = pods.map((pod) => containerId(pod, 'agent'));
      return workload.aim(machine, agents, { signals });
    }),
  );
  const sendAll = (): Promise<unknown> => Promise.all(sends.map((send) => send()));
  await sendAll();
  return sendAll;
}

async function measureWait(bench: Bench, rig: Rig, run: number): Promise<void> {
  const name = { subject: `${rig.durability}, agents running`, event: 'SET, then WAIT 1', run };
  if (bench.isDone(name)) return;
  const { stage } = rig;
  const { setsMs, waitsMs } = await stage.workload.wait(stage.set.leaderHost, 'wait:', waitCount);
  const amounts = (measure: string, values: readonly number[]): Amount[] =>
    values.map((value) => ({ measure, unit: 'ms', value }));
  await bench.record(figuresOf(name, [...amounts('SET', setsMs), ...amounts('WAIT 1', waitsMs)]));
}

function inAnyOrder<T>(values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ value }) => value);
}
