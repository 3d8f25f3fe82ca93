import { setTimeout as sleep } from 'node:timers/promises';
import { regent } from '../experiment/agent-command.ts';
import { uniquePrefix } from '../experiment/failover.ts';
import type { SetPod } from '../experiment/redis-set.ts';
import type { Session } from '../experiment/session.ts';
import { killRedis, killRedisAndEmpty, phaseMs, type Blow } from '../experiment/strike.ts';
import { during } from '../progress.ts';
import { longestGapMs } from '../scenarios/outcome.ts';
import type { Install } from '../scenarios/scenario.ts';
import type { Stage } from '../scenarios/stage.ts';
import { adoptClock, wallClockMs } from '../workload/wall-clock.ts';
import { figuresOf, runNumbers, type Amount } from './amount.ts';
import { openStage } from './bench-stage.ts';
import type { Bench, Benchmark } from './benchmark.ts';
import { inStepAtMs } from './in-step.ts';

const runsUsual = 5;
/** Sizes of data sets in millions of bytes, ascending. */
const sizesMegabytes = [10, 500, 2000];
const quickSizesMegabytes = [10, 100];
/** A value that is written takes so much, and cannot be compressed. */
const valueBytes = 10_000;
/** Between two questions to a pod how it stands, in milliseconds. */
const rolesPeriodMs = 25;
/** An answer that is late says nothing of the pod. */
const rolesTimeoutMs = 2000;
/** For how long writing goes on afterwards, and before counts. */
const aroundMs = 1000;
const warmWrites = 20;
const patienceMs = 180_000;

/** A Redis that was killed comes back with nothing. */
const noPersistence = [
  'master.persistence.enabled=false',
  'commonConfiguration=appendonly no\nsave ""',
];
/** How the sets are installed. */
const installs: readonly { readonly subject: string; readonly install: Install }[] = [
  { subject: 'append-only file', install: {} },
  { subject: 'no persistence', install: { values: noPersistence } },
];

/** What happens to a set that has data. */
interface Mishap {
  readonly event: string;
  /** Name of the time that the blow itself takes, where that says something. */
  readonly command?: string;
  readonly aim: (stage: Stage, leader: SetPod) => Promise<Blow>;
}

const mishaps: readonly Mishap[] = [
  {
    event: 'planned switch',
    command: 'regent switchover',
    aim: (stage, leader) =>
      Promise.resolve(async () => {
        const atMs = wallClockMs();
        await regent(stage.set, leader, 'switchover');
        return atMs;
      }),
  },
  { event: 'Redis killed', aim: (stage, leader) => killRedis(stage, leader) },
  {
    event: 'follower emptied',
    aim: async (stage, leader) => {
      const follower = (await stage.set.pods()).find(({ uid }) => uid !== leader.uid);
      if (follower === undefined) throw new Error('there is no follower');
      return killRedisAndEmpty(stage, follower);
    },
  },
];

/** How the size of the data set matters. */
export const data: Benchmark = {
  name: 'data',
  asks: 'How long do failover, hand-over and a full copy take with large data sets?',
  play: async (bench) => {
    for (const { subject, install } of installs) {
      const stage = await openStage(bench, 'data', install);
      for (const megabytes of bench.isQuick ? quickSizesMegabytes : sizesMegabytes) {
        await fill(stage, megabytes);
        await playSize(bench, stage, { subject, megabytes });
      }
      await stage.close();
    }
  },
};

async function fill({ set, workload }: Stage, megabytes: number): Promise<void> {
  const keyCount = (megabytes * 1e6) / valueBytes;
  const filling = workload.fill(set.leaderHost, keyCount, valueBytes);
  await during(`data: writing ${megabytes} MB`, filling);
}

async function playSize(
  bench: Bench,
  stage: Stage,
  { subject, megabytes }: { subject: string; megabytes: number },
): Promise<void> {
  for (const run of runNumbers(bench.runs(runsUsual))) {
    for (const mishap of mishaps) {
      const name = { subject, event: `${mishap.event}, ${megabytes} MB`, run };
      if (bench.isDone(name)) continue;
      const what = `data: ${subject}, ${name.event}, run ${run}`;
      await bench.record(figuresOf(name, await during(what, playOnce(stage, mishap))));
    }
  }
}

/** Writes, does harm, and looks how long it takes until all is as before. */
async function playOnce(stage: Stage, { aim, command }: Mishap): Promise<Amount[]> {
  adoptClock();
  const { set, workload } = stage;
  await stage.ready();
  const leader = await stage.whole();
  const roles = [...stage.hosts.values()].map((host) =>
    workload.startRoles(host, rolesPeriodMs, rolesTimeoutMs),
  );
  const writer = workload.startWriter(set.leaderHost, uniquePrefix());
  const sessions = [writer, ...roles];
  try {
    await atIt(writer, roles);
    const blow = await aim(stage, leader);
    await sleep(Math.random() * phaseMs);
    const atMs = await blow();
    const doneMs = wallClockMs();
    await stage.whole();
    const last = { what: 'writing afterwards', timeoutMs: patienceMs };
    await writer.until(() => writer.of('acknowledged').findLast((it) => it.sentMs > doneMs), last);
    await sleep(aroundMs);
    const stepMs = await allInStepMs(roles, atMs);
    await Promise.all(sessions.map((session) => session.stop()));
    const writes = writer.of('acknowledged').filter((one) => one.atMs > atMs - aroundMs);
    const took = command === undefined ? [] : [milliseconds(command, doneMs - atMs)];
    return [
      milliseconds('write gap, Service', longestGapMs(writes)),
      milliseconds('all replicas in step', stepMs - atMs),
      ...took,
    ];
  } finally {
    await Promise.all(sessions.map((session) => session.stop()));
  }
}

function milliseconds(measure: string, value: number | null): Amount {
  return { measure, unit: 'ms', value };
}

/**
 * Waits until the last answers of all pods together say so too: on a busy machine an answer may have
 * been lost.
 *
 * @returns since when they have
 */
async function allInStepMs(roles: readonly Session[], sinceMs: number): Promise<number> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const pods = roles.map((session) => session.of('answered'));
    const stepMs = inStepAtMs(pods, sinceMs);
    if (stepMs !== null) return stepMs;
    if (performance.now() > deadlineMs) {
      const last = JSON.stringify(pods.map((answers) => answers.at(-1)));
      throw new Error(`not all pods say that they are in step: ${last}`);
    }
    await sleep(rolesPeriodMs);
  }
}

/** Waits until everybody does what they were started for. */
async function atIt(writer: Session, roles: readonly Session[]): Promise<void> {
  const patience = { what: 'writing and asking begins', timeoutMs: patienceMs };
  const isWriting = (): true | undefined =>
    writer.of('acknowledged').length >= warmWrites ? true : undefined;
  await writer.until(isWriting, patience);
  for (const session of roles) await session.until(() => session.of('answered')[0], patience);
}
