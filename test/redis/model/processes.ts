import { setTimeout as sleep } from 'node:timers/promises';
import { makeBacklog } from '../../../agent/redis/backlog.ts';
import * as commands from '../../../agent/redis/commands.ts';
import { RedisConnection } from '../../../agent/redis/connection.ts';
import { RedisProcess, ask, eventually } from '../redis-process.ts';
import { benchSize, type Bench, type Look, type Outcome } from './bench.ts';

const settings = [
  ...['--replicaof', commands.nowhere.host, String(commands.nowhere.port), '--save', ''],
  ...[
    '--min-replicas-to-write',
    String(commands.fencedReplicas),
    '--repl-diskless-sync-delay',
    '0',
  ],
];

/** Longer than a write takes, and shorter than any pause or freeze of a script. */
const answerMaxMs = 150;

/**
 * Whether a replica has what its primary has: Redis begins its stream up to a second after the link is
 * up, and nothing changes meanwhile.
 */
function isInStep(look: Look | null, all: readonly (Look | null)[]): boolean {
  if (look?.linkUp !== true) return true;
  const source = all.find((one) => one?.role === 'primary' && one.replid === look.replid);
  return source === undefined || source?.offset === look.offset;
}

/** Processes of this machine. */
export class ProcessBench implements Bench, AsyncDisposable {
  readonly #processes: readonly RedisProcess[];
  readonly #agents: (RedisConnection | null)[] = [];
  readonly #frozen = new Set<number>();
  #writes = 0;

  private constructor(processes: readonly RedisProcess[]) {
    this.#processes = processes;
  }

  static async begin(): Promise<ProcessBench> {
    const each = Array.from({ length: benchSize }, () => RedisProcess.prepare());
    return new ProcessBench(await Promise.all(each));
  }

  async start(index: number): Promise<void> {
    const redis = this.#processes[index]!;
    const fixed = ['--port', String(redis.port), '--dir', redis.folder];
    await redis.startWith(...fixed, ...settings);
    this.#agents[index] = await redis.client();
    await eventually(
      () => this.look(index),
      (seen) => seen !== null,
    );
  }

  async kill(index: number): Promise<void> {
    await this.#processes[index]!.crash();
    this.#agents[index] = null;
  }

  async save(index: number): Promise<void> {
    await ask(this.#agent(index), 'SAVE');
  }

  async promote(index: number): Promise<void> {
    const agent = this.#agent(index);
    const before = await commands.observe(agent);
    await commands.promote(agent);
    if (before.kind !== 'observed' || before.info.replication.hasBacklog) return;
    const { port } = this.#processes[index]!;
    await makeBacklog(agent, () =>
      RedisConnection.open({
        ...{ host: '127.0.0.1', port, name: 'backlog', password: null },
        ...{ connectTimeoutMs: 5000, commandTimeoutMs: 5000 },
      }),
    );
  }

  async follow(index: number, from: number | null): Promise<void> {
    const port = from === null ? null : this.#processes[from]!.port;
    const source = port === null ? commands.nowhere : { host: '127.0.0.1', port };
    await commands.follow(this.#agent(index), source);
  }

  async admit(index: number, replicas: number, maxLagSeconds: number): Promise<void> {
    await commands.admit(this.#agent(index), { replicas, maxLagSeconds });
  }

  async pause(index: number, forMs: number): Promise<void> {
    await commands.pauseWrites(this.#agent(index), forMs);
  }

  async freeze(index: number): Promise<void> {
    this.#frozen.add(index);
    await this.#processes[index]!.hang();
  }

  thaw(index: number): Promise<void> {
    this.#frozen.delete(index);
    this.#processes[index]!.goOn();
    return Promise.resolve();
  }

  async write(index: number): Promise<Outcome> {
    this.#writes += 1;
    const client = this.#agent(index);
    const answer = ask(client, 'SET', `key-${this.#writes}`, 'value');
    const late = sleep(answerMaxMs).then(() => null);
    const said = await Promise.race([answer, late]);
    if (said === null) return 'waits';
    return said === 'OK' ? 'accepted' : 'refused';
  }

  async wait(ms: number): Promise<void> {
    await sleep(ms);
  }

  /** Until every link that can be up is, and all that has been written has arrived. */
  async settle(): Promise<void> {
    let before = '';
    await eventually(
      async () => {
        await sleep(300);
        const looks = await Promise.all(this.#processes.map((_, index) => this.look(index)));
        const seen = JSON.stringify(looks);
        const same = seen === before;
        before = seen;
        return same && looks.every((look) => isInStep(look, looks));
      },
      (same) => same,
    );
  }

  async look(index: number): Promise<Look | null> {
    const agent = this.#agents[index] ?? null;
    if (agent === null || this.#frozen.has(index)) return null;
    const seen = await commands.observe(agent);
    if (seen.kind !== 'observed' || seen.info.persistence.loading) return null;
    const { role, replid, replid2, offset, upstream, goodReplicas } = seen.info.replication;
    const linkUp = upstream?.link === 'up';
    const good = role === 'primary' ? (goodReplicas ?? 0) : 0;
    return { role, replid, replid2, offset, keys: seen.info.keys, linkUp, good };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const index of this.#frozen) this.#processes[index]!.goOn();
    for (const redis of this.#processes) await redis[Symbol.asyncDispose]();
  }

  #agent(index: number): RedisConnection {
    return this.#agents[index]!;
  }
}
