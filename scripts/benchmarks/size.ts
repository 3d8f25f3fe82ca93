import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { chartFolder } from '../experiment/cluster.ts';
import { RedisSet } from '../experiment/redis-set.ts';
import type { Bench, Benchmark } from './benchmark.ts';

const release = 'it';

/** What of Regent is carried around, in bytes. */
export const size: Benchmark = {
  name: 'size',
  asks: 'How large is what a release brings into the cluster?',
  play: measure,
};

async function measure(bench: Bench): Promise<void> {
  const what = { subject: 'regent', event: 'helm install', run: 1 };
  if (bench.isDone(what)) return;
  const cluster = await bench.openNamespace('size');
  const set = new RedisSet(cluster, release);
  await set.install();
  const agent = await found(cluster.read<V1ConfigMap>('configmap', `${set.name}-agent`));
  const secret = await found(cluster.read<V1Secret>('secret', `sh.helm.release.v1.${release}.v1`));
  const file = (name: string): number => statSync(join(chartFolder, 'files', name)).size;
  const bytes: Readonly<Record<string, number>> = {
    'bundle, compressed': file('regent.cjs.br'),
    'probe': file('probe.cjs'),
    'ConfigMap of the agent': JSON.stringify(agent).length,
    // What counts for the 1 MiB that Kubernetes allows: values without the base64 of the API.
    'Secret of the release': bytesIn(secret.data ?? {}),
  };
  const figures = Object.entries(bytes).map(([measured, value]) => ({
    ...what,
    ...{ measure: measured, unit: 'bytes', value },
  }));
  await bench.record(figures);
}

function bytesIn(data: Readonly<Record<string, string>>): number {
  const sizes = Object.values(data).map((value) => Buffer.from(value, 'base64').length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function found<T>(reading: Promise<T | null>): Promise<T> {
  const object = await reading;
  if (object === null) throw new Error('the release lacks an object that is measured');
  return object;
}
