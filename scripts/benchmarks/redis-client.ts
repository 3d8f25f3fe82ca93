import type { V1StatefulSet } from '@kubernetes/client-node';
import type { RedisSet } from '../experiment/redis-set.ts';
import { workloadLabel } from '../experiment/workload-objects.ts';
import { loadCommand, resultOf, type BenchmarkRun, type Throughput } from './redis-benchmark.ts';

const clientName = 'redis-benchmark';
const [labelName = '', labelValue = ''] = workloadLabel.split('=');

/** A pod with the image of a set's Redis, to run its own programs against it. */
export class RedisClient {
  /** The image of Redis. */
  readonly image: string;
  readonly #set: RedisSet;

  private constructor(set: RedisSet, image: string) {
    this.#set = set;
    this.image = image;
  }

  /** Starts the pod beside a set. It is removed with the workload. */
  static async open(set: RedisSet): Promise<RedisClient> {
    const { cluster } = set;
    const found = await cluster.read<V1StatefulSet>('statefulset', `${set.name}-node`);
    const containers = found?.spec?.template.spec?.containers ?? [];
    const image = containers.find(({ name }) => name === 'redis')?.image;
    if (image === undefined) throw new Error(`${set.name} has no Redis`);
    const secretKeyRef = { name: set.name, key: 'redis-password' };
    const container = {
      ...{ name: 'redis', image, command: ['sleep', 'infinity'] },
      // The name that redis-cli reads; redis-benchmark gets it as an argument.
      env: [{ name: 'REDISCLI_AUTH', valueFrom: { secretKeyRef } }],
    };
    const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
    const metadata = { name: clientName, labels: { [labelName]: labelValue } };
    await cluster.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec }]);
    const wait = ['wait', '--for=condition=Ready', '--timeout=180s', `pod/${clientName}`];
    await cluster.kubectl(wait);
    return new RedisClient(set, image);
  }

  /** Runs redis-benchmark through the leader Service, and resolves with what it measured. */
  async benchmark(run: BenchmarkRun): Promise<Throughput> {
    const words = ['-c', '50', '-d', '100', '-r', '100000', '--csv'];
    const chosen = ['-t', run.command, '-n', `${run.requestCount}`, '-P', `${run.pipeline}`];
    const all = ['redis-benchmark', '-h', this.#set.leaderService, ...words, ...chosen].join(' ');
    return resultOf(await this.#shell(`${all} -a "$REDISCLI_AUTH" 2>/dev/null`));
  }

  /** Writes `perSecond` keys in each of so many seconds to a host that has the same password. */
  async load(host: string, perSecond: number, seconds: number): Promise<void> {
    await this.#shell(loadCommand(host, perSecond, seconds));
  }

  /** How many SET the Redis of a host has carried out since it started. */
  async setCount(host: string): Promise<number> {
    const answer = await this.#shell(`redis-cli -h ${host} info commandstats`);
    return Number(/^cmdstat_set:calls=(\d+)/m.exec(answer)?.[1] ?? 0);
  }

  #shell(command: string): Promise<string> {
    const { cluster } = this.#set;
    return cluster.kubectl(['exec', clientName, '--', 'bash', '-c', command]);
  }
}
