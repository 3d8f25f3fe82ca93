import type { SetPod } from '../experiment/redis-set.ts';
import { during } from '../progress.ts';
import type { Stage } from '../scenarios/stage.ts';
import { figuresOf } from './amount.ts';
import type { Bench } from './benchmark.ts';

const httpCount = 200;
const execCount = 40;
const quick = { httpCount: 50, execCount: 10 };
/** The port of the agent. */
const agentPort = 8377;

/** Wall and CPU time of one run of a command, in milliseconds. */
export interface Timed {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Measures what a question to an agent takes: over HTTP, and with a process of its own. */
export async function measureProbes(bench: Bench, stage: Stage): Promise<void> {
  const run = { subject: 'regent', event: 'readiness probe', run: 1 };
  if (bench.isDone(run)) return;
  const leader = await stage.whole();
  const counts = bench.isQuick ? quick : { httpCount, execCount };
  const url = `http://${leader.address}:${agentPort}/readyz`;
  const answers = stage.workload.probe(leader.machine, url, counts.httpCount);
  const { durationsMs, statuses } = await during('cost: HTTP probes', answers);
  if (statuses['200'] !== durationsMs.length) {
    throw new Error(`/readyz of ${leader.name} answered ${JSON.stringify(statuses)}`);
  }
  const http = durationsMs.map((value) => ({ measure: 'HTTP, wall time', unit: 'ms', value }));
  const times = execTimes(stage, leader, counts.execCount);
  const exec = (await during('cost: exec probes', times)).flatMap(({ wallMs, cpuMs }) => [
    { measure: 'exec, wall time', unit: 'ms', value: wallMs },
    { measure: 'exec, CPU time', unit: 'ms', value: cpuMs },
  ]);
  await bench.record(figuresOf(run, [...http, ...exec]));
}

/** Runs the probe's program inside the agent's container. What kubelet adds to it is not counted. */
async function execTimes({ set }: Stage, { name }: SetPod, count: number): Promise<Timed[]> {
  const probe = '{ time regent probe readiness >/dev/null; } 2>&1';
  const script = `TIMEFORMAT='%3R %3U %3S'; for n in {1..${count}}; do ${probe} || exit 1; done`;
  const exec = ['exec', name, '--container=agent', '--', 'bash', '-c', script];
  return timesOf(await set.cluster.kubectl(exec));
}

/** Reads lines of bash's `time` with real, user and system seconds. */
export function timesOf(text: string): Timed[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => {
    const [real, user, system] = line.split(' ').map(Number);
    if (real === undefined || user === undefined || system === undefined || Number.isNaN(real)) {
      throw new Error(`these are no times: ${line}`);
    }
    return { wallMs: real * 1000, cpuMs: (user + system) * 1000 };
  });
}
