import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../experiment/cluster.ts';
import { uniquePrefix } from '../experiment/failover.ts';
import { RedisSet } from '../experiment/redis-set.ts';
import { Workload } from '../experiment/workload.ts';
import type { PasswordSource } from '../experiment/workload-objects.ts';
import { during } from '../progress.ts';
import { settleTimeoutMs } from '../scenarios/stage.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import { agentImage, redisImage } from './chart-image.ts';
import { figuresOf, runNumbers, type Amount } from './amount.ts';
import type { Bench } from './benchmark.ts';
import { sentinelOptions, sentinelPodsReady } from './cost-systems.ts';
import { objectsOf, proxyName } from './sentinel/objects.ts';

const runsUsual = 5;
const podCount = 3;
const writerPeriodMs = 20;
const writeTimeoutMs = 120_000;
const lookMs = 400;

/** Where something is installed. */
interface Place {
  readonly cluster: Cluster;
  readonly password: PasswordSource;
  /** The image of Redis that the chart names. */
  readonly redis: string;
}

/** Something that can be installed where there is nothing but a password. */
interface Installation {
  readonly subject: string;
  /** Part of the name of its namespaces. */
  readonly word: string;
  /** Creates all objects and waits for nothing. Resolves with where to write to. */
  readonly install: (place: Place) => Promise<string>;
  /** Waits until all pods are ready. */
  readonly ready: (cluster: Cluster) => Promise<unknown>;
}

const installations: readonly Installation[] = [
  {
    subject: 'regent, by helm install',
    word: 'regent',
    install: async ({ cluster, password: { name } }) => {
      const set = new RedisSet(cluster, 'it');
      await set.install(`auth.existingSecret=${name}`);
      return set.leaderHost;
    },
    ready: (cluster) => new RedisSet(cluster, 'it').settled(podCount, settleTimeoutMs),
  },
  {
    subject: 'Sentinel and HAProxy, by kubectl apply',
    word: 'sentinel',
    install: async ({ cluster, password, redis }) => {
      const options = sentinelOptions(redis, password);
      await cluster.apply(objectsOf(options));
      return proxyName(options.name);
    },
    ready: async (cluster) => {
      const untilMs = performance.now() + settleTimeoutMs;
      while (!(await sentinelPodsReady(cluster))) {
        if (performance.now() > untilMs) throw new Error('pods with Sentinel are not ready');
        await sleep(lookMs);
      }
    },
  },
];

/** Measures how long it takes from the command on, with nothing there but the images. */
export async function measureInstalls(bench: Bench): Promise<void> {
  for (const run of runNumbers(bench.runs(runsUsual))) {
    for (const installation of installations) {
      const name = { subject: installation.subject, event: 'installation', run };
      if (bench.isDone(name)) continue;
      const cluster = await bench.openNamespace(`install-${installation.word}-${run}`);
      try {
        const measuring = measureInstall(cluster, installation);
        const what = `cost: installation of ${name.subject}, run ${run}`;
        await bench.record(figuresOf(name, await during(what, measuring)));
      } finally {
        // Not at the end only: pods that are there would slow the next run down.
        await cluster.kubectl(['delete', 'namespace', cluster.namespace, '--wait=false']);
      }
    }
  }
}

async function measureInstall(
  cluster: Cluster,
  { install, ready }: Installation,
): Promise<Amount[]> {
  const password = await createPassword(cluster);
  const client = { image: await agentImage(cluster), password, tlsSecret: null };
  const workload = new Workload(cluster, client);
  await workload.install();
  const place = { cluster, password, redis: await redisImage(cluster) };
  const startMs = wallClockMs();
  const host = await install(place);
  const installedMs = wallClockMs();
  // Only now: a name that is asked for before it is there stays unknown for some seconds.
  const writer = workload.startWriter(host, uniquePrefix(), writerPeriodMs);
  try {
    const first = await writer.until(() => writer.of('acknowledged')[0], {
      ...{ what: 'the first write', timeoutMs: writeTimeoutMs },
    });
    const writableMs = first.atMs - (await writer.clockDifferenceMs());
    await ready(cluster);
    const readyMs = wallClockMs();
    const seconds = (measure: string, atMs: number): Amount => {
      return { measure, unit: 's', value: (atMs - startMs) / 1000 };
    };
    return [
      seconds('command has returned', installedMs),
      seconds('first acknowledged write', writableMs),
      seconds('all pods ready', readyMs),
    ];
  } finally {
    await writer.stop();
  }
}

/** The client is there before anything else is, and so has to be the password. */
async function createPassword(cluster: Cluster): Promise<PasswordSource> {
  const [name, key] = ['password', 'redis-password'];
  const stringData = { [key]: randomBytes(12).toString('hex') };
  await cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }]);
  return { name, key };
}
