import { rangesOf, type Writes } from '../workload/checker.ts';
import type { SignalName } from '../workload/killer.ts';
import type {
  Checked,
  Crowded,
  Killed,
  Probed,
  Sent,
  Surveyed,
  Used,
  Waited,
} from '../workload/record.ts';
import type { Cluster } from './cluster.ts';
import { MachinePost } from './machine-post.ts';
import { Session } from './session.ts';
import {
  clientName,
  clientPod,
  killerName,
  killerPod,
  programCommand,
  programs,
  workloadLabel,
  type ClientPodOptions,
  type KubeObject,
} from './workload-objects.ts';

/** How long an application waits for an answer, in milliseconds, where nothing else is said. */
const answerMaxMs = 250;

/** What a workload has to know of the set that it works on. */
export type WorkloadOptions = ClientPodOptions;

/** How an application finds the Redis that it writes to. */
export type ClientRoute =
  | { readonly kind: 'host'; readonly host: string }
  | {
      readonly kind: 'sentinels';
      /** Each as `host:port`. */
      readonly sentinels: readonly string[];
      /** What the Sentinels call the primary. */
      readonly primary: string;
    };

/** What is done to containers besides. */
export interface AimOptions {
  /** A folder of the first container that loses its content in the same moment. */
  readonly emptied?: string | null;
  /** What to send, one after the other; SIGKILL by default. */
  readonly signals?: readonly SignalName[];
}

/** The programs of `scripts/workload`, in pods of one namespace. */
export class Workload {
  readonly #cluster: Cluster;
  readonly #options: WorkloadOptions;
  readonly #killers = new Set<string>();
  readonly #post: MachinePost | null;

  /** @param post where programs run; `null` for pods of the cluster */
  constructor(cluster: Cluster, options: WorkloadOptions, post: MachinePost | null = null) {
    this.#cluster = cluster;
    this.#options = options;
    this.#post = post;
  }

  /** The same programs on the network of a machine. Hosts are addresses there. */
  async at(machine: string): Promise<Workload> {
    const post = await MachinePost.open(this.#cluster, machine, this.#options.password);
    return new Workload(this.#cluster, this.#options, post);
  }

  /**
   * Brings the programs into the cluster, and a pod that runs those of an ordinary client.
   *
   * @param machine where that pod runs; `null` leaves it to Kubernetes
   */
  async install(machine: string | null = null): Promise<void> {
    await this.#cluster.apply([await programs()]);
    await this.moveClient(machine);
  }

  /** Replaces the pod of the ordinary client by one on that machine. */
  async moveClient(machine: string | null): Promise<void> {
    await this.#renewPods([clientPod(this.#options, machine)]);
  }

  /**
   * Starts an application that writes to `host`, for instance to the leader Service.
   *
   * @param timeoutMs how long it waits for an answer, before it connects anew
   */
  startWriter(host: string, prefix: string, periodMs = 5, timeoutMs = answerMaxMs): Session {
    const where = [`--host=${host}`, `--prefix=${prefix}`];
    const options = [`--period-ms=${periodMs}`, `--timeout-ms=${timeoutMs}`];
    return this.#start(['writer', ...where, ...options]);
  }

  /** Starts an application that writes, and reads what was acknowledged to it. */
  startClient(where: ClientRoute, prefix: string, periodMs: number): Session {
    const words = ['client', ...routeWords(where), `--prefix=${prefix}`];
    return this.#start([...words, `--period-ms=${periodMs}`]);
  }

  /**
   * Starts to ask pods directly for role and writes. `hosts` has the DNS name of each.
   *
   * @param timeoutMs how long one waits for an answer
   */
  startCensus(
    hosts: ReadonlyMap<string, string>,
    periodMs: number,
    timeoutMs = answerMaxMs,
  ): Session {
    const options = ['--prefix=census:', `--period-ms=${periodMs}`, `--timeout-ms=${timeoutMs}`];
    return this.#start(['census', podsOption(hosts), ...options]);
  }

  /** Starts to ask `host` for its role, over a new connection each time. */
  startRoles(host: string, periodMs: number, timeoutMs = answerMaxMs): Session {
    const options = [`--period-ms=${periodMs}`, `--timeout-ms=${timeoutMs}`];
    return this.#start(['roles', `--host=${host}`, ...options]);
  }

  /** Asks each Redis once how it stands. All of them have to answer. */
  async survey(hosts: ReadonlyMap<string, string>): Promise<Surveyed[]> {
    const words = ['survey', podsOption(hosts), '--timeout-ms=10000'];
    return linesOf<Surveyed>(await this.#run(words));
  }

  /** Opens `count` connections at once, asks each for a role, and closes them. */
  async crowd(host: string, count: number): Promise<Crowded> {
    const words = ['crowd', `--host=${host}`, `--count=${count}`, '--timeout-ms=5000'];
    return JSON.parse(await this.#run(words)) as Crowded;
  }

  /** Sends commands at the same time, each to one of the pods, and resolves with the answers. */
  async send(
    hosts: ReadonlyMap<string, string>,
    commands: readonly (readonly [pod: string, ...command: string[]])[],
  ): Promise<string[]> {
    const words = ['sender', podsOption(hosts), '--timeout-ms=10000'];
    const lines = commands.map((command) => `${JSON.stringify(command)}\n`);
    const answers = await this.#run(words, lines.join(''));
    return (JSON.parse(answers) as Sent).answers.map(String);
  }

  /** Removes what `fill` has written. */
  async clear(host: string, keyCount: number): Promise<void> {
    const words = ['filler', `--host=${host}`, '--prefix=filled:', `--keys=${keyCount}`];
    await this.#run([...words, '--timeout-ms=10000', '--remove']);
  }

  /** Writes a data set: `keyCount` keys, each with a value of `valueBytes`. */
  async fill(host: string, keyCount: number, valueBytes: number): Promise<void> {
    const size = [`--keys=${keyCount}`, `--bytes=${valueBytes}`, '--timeout-ms=10000'];
    await this.#run(['filler', `--host=${host}`, '--prefix=filled:', ...size]);
  }

  /** Looks which of the writes `numbers`, which ascend, a Redis has. */
  async check(
    where: string | ClientRoute,
    prefix: string,
    numbers: readonly number[],
  ): Promise<Checked> {
    const route = typeof where === 'string' ? { kind: 'host' as const, host: where } : where;
    const words = ['checker', ...routeWords(route), '--timeout-ms=10000'];
    const writes = writesLines(new Map([[prefix, numbers]]));
    return JSON.parse(await this.#run(words, writes)) as Checked;
  }

  /**
   * The same for several writers and several Redis at once.
   *
   * @param writes numbers, which ascend, by the prefix of the keys
   */
  async checkEverywhere(
    hosts: ReadonlyMap<string, string>,
    writes: ReadonlyMap<string, readonly number[]>,
  ): Promise<Checked[]> {
    const words = ['checker', podsOption(hosts), '--timeout-ms=10000'];
    return linesOf(await this.#run(words, writesLines(writes)));
  }

  /** What the first processes of containers of a machine have used. `prepareKills` comes before. */
  async usage(machine: string, containers: readonly string[]): Promise<Used[]> {
    const words = ['processes', `--containers=${containers.join(',')}`];
    return linesOf(await this.#run(words, '', killerName(machine)));
  }

  /** How long GET requests from a machine take. `prepareKills` comes before. */
  async probe(machine: string, url: string, count: number): Promise<Probed> {
    const words = ['prober', `--url=${url}`, `--count=${count}`];
    return JSON.parse(await this.#run(words, '', killerName(machine))) as Probed;
  }

  /** Writes `count` times and waits for a replica each time. */
  async wait(host: string, prefix: string, count: number): Promise<Waited> {
    const words = ['waiter', `--host=${host}`, `--prefix=${prefix}`, `--count=${count}`];
    return JSON.parse(await this.#run([...words, '--timeout-ms=10000'])) as Waited;
  }

  /** Makes ready to kill on these machines, so that a kill itself has nothing to prepare. */
  async prepareKills(machines: Iterable<string>): Promise<void> {
    const missing = [...new Set(machines)].filter((machine) => !this.#killers.has(machine));
    if (missing.length === 0) return;
    await this.#renewPods(missing.map((machine) => killerPod(machine, this.#options.image)));
    for (const machine of missing) this.#killers.add(machine);
  }

  /**
   * Gets ready to kill all processes of containers, by their ids, on one machine at once, or to send
   * them other signals.
   *
   * @returns the blow itself, which takes next to nothing from the machine that is measured. Each
   * call sends the next signal
   */
  async aim(
    machine: string,
    containers: readonly string[],
    { emptied = null, signals = ['SIGKILL'] }: AimOptions = {},
  ): Promise<() => Promise<Killed>> {
    if (this.#post === null) await this.prepareKills([machine]);
    const signalled = `--signals=${signals.join(',')}`;
    const words = ['killer', `--containers=${containers.join(',')}`, signalled];
    if (emptied !== null) words.push(`--empty=${emptied}`);
    const killer = this.#start(words, killerName(machine));
    const ready = { what: `aiming at a container on ${machine}`, timeoutMs: 30_000 };
    await killer.until(() => killer.of('clock')[0], ready);
    return async () => {
      const sentCount = killer.of('killed').length;
      killer.tell();
      const killed = { what: `killing on ${machine}`, timeoutMs: 30_000 };
      return killer.until(() => killer.of('killed')[sentCount], killed);
    };
  }

  /** Removes what it brought. */
  async remove(): Promise<void> {
    this.#killers.clear();
    await this.#cluster.kubectl(['delete', 'pod,configmap', `--selector=${workloadLabel}`]);
  }

  #start(words: readonly string[], pod = clientName): Session {
    if (this.#post !== null) return new Session(this.#post.start(words));
    const exec = ['exec', '--stdin', pod, '--', ...programCommand, ...words];
    return new Session(this.#cluster.startKubectl(exec));
  }

  #run(words: readonly string[], input = '', pod = clientName): Promise<string> {
    if (this.#post !== null) return this.#post.run(words, input);
    const exec = ['exec', '--stdin', pod, '--', ...programCommand, ...words];
    return this.#cluster.kubectl(exec, { input });
  }

  /** Pods cannot be changed: those of an earlier run go first. */
  async #renewPods(pods: readonly KubeObject[]): Promise<void> {
    const names = pods.map(({ metadata }) => metadata.name);
    await this.#cluster.kubectl(['delete', 'pod', '--ignore-not-found', ...names]);
    await this.#cluster.apply(pods);
    const wait = ['wait', '--for=condition=Ready', '--timeout=180s', 'pod', ...names];
    await this.#cluster.kubectl(wait);
  }
}

function linesOf<T>(text: string): T[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

function routeWords(route: ClientRoute): string[] {
  if (route.kind === 'host') return [`--host=${route.host}`];
  return [`--sentinels=${route.sentinels.join(',')}`, `--primary=${route.primary}`];
}

function writesLines(writes: ReadonlyMap<string, readonly number[]>): string {
  const lines = [...writes].map(
    ([prefix, numbers]) =>
      `${JSON.stringify({ prefix, ranges: rangesOf(numbers) } satisfies Writes)}\n`,
  );
  return lines.join('');
}

function podsOption(hosts: ReadonlyMap<string, string>): string {
  return `--pods=${[...hosts].map(([pod, host]) => `${pod}=${host}`).join(',')}`;
}
