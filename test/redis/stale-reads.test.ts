/** When a replica answers reads: never what its disk had before it has caught up. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { follow, nowhere, promote } from '../../agent/redis/commands.ts';
import { renderConfig } from '../../agent/redis/config-file.ts';
import { systemClock } from '../../agent/run/clock.ts';
import type { LocalRedis } from '../../agent/run/local-redis.ts';
import { StaleReads } from '../../agent/run/stale-reads.ts';
import { silentLog } from '../unit/run/silent-log.ts';
import { ask, eventually, RedisProcess } from './redis-process.ts';
import { watched } from './watched-redis.ts';

jest.setTimeout(60_000);

/** A Redis as in a pod, with the part of its agent that decides who may read. */
class Replica implements AsyncDisposable {
  readonly #redis: RedisProcess;
  readonly #file: string;
  readonly #local: LocalRedis;
  readonly #reads: StaleReads;

  private constructor(redis: RedisProcess, file: string) {
    this.#redis = redis;
    this.#file = file;
    this.#local = watched(redis);
    this.#reads = new StaleReads(this.#local.link, file, silentLog);
  }

  static async start(userText: string): Promise<Replica> {
    const redis = await RedisProcess.prepare();
    const file = join(redis.folder, 'redis.conf');
    const { port, folder: dataDir } = redis;
    const names = { userFile: 'redis.conf', announceHost: '127.0.0.1', dataDir };
    writeFileSync(file, renderConfig({ ...names, userText, port, password: null, tls: null }));
    await redis.startWith(file);
    return new Replica(redis, file);
  }

  /** Killed, and back with what is on its disk. */
  async restart(): Promise<void> {
    await this.#redis.crash();
    await this.#redis.startWith(this.#file);
  }

  /** Some turns of the agent, and then what a reader gets. */
  async read(key: string): Promise<string> {
    for (let turns = 0; turns < 3; turns += 1) {
      await this.#reads.see(await this.#local.look(systemClock));
    }
    return ask(await this.#redis.client(), 'GET', key);
  }

  /** It is seen in step, and in the same moment as one that leads: what its Redis is left with. */
  async leadsWhileTold(): Promise<string> {
    const inStep = await this.#local.look(systemClock);
    if (inStep.kind !== 'up') throw new Error(`Redis is ${inStep.kind}`);
    const leading = { ...inStep, position: { ...inStep.position, role: 'primary' } } as const;
    await Promise.all([this.#reads.see(inStep), this.#reads.see(leading)]);
    return ask(await this.#redis.client(), 'CONFIG', 'GET', 'replica-serve-stale-data');
  }

  /** Follows `leader` until it is in step. */
  async catchUpWith(leader: RedisProcess): Promise<void> {
    await eventually(() => this.#local.link.state.kind, isUp);
    await follow(this.#local.link, { host: leader.host, port: leader.port });
    await eventually(async () => ask(await this.#redis.client(), 'INFO', 'replication'), isInStep);
  }

  async lead(): Promise<void> {
    await promote(this.#local.link);
  }

  /** Nothing is there any more that it could follow. */
  async loseLeader(): Promise<void> {
    await follow(this.#local.link, nowhere);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#local.link.end();
    await this.#redis[Symbol.asyncDispose]();
  }
}

function isUp(kind: string): boolean {
  return kind === 'up';
}

function isInStep(info: string): boolean {
  return info.includes('master_link_status:up');
}

async function aLeader(): Promise<RedisProcess> {
  const leader = await RedisProcess.start('--save', '', '--repl-diskless-sync-delay', '0');
  await ask(await leader.client(), 'SET', 'key', 'new');
  return leader;
}

test('a Redis that has just started answers no read before it has caught up, whatever its disk has', async () => {
  await using leader = await aLeader();
  await using replica = await Replica.start('save ""\nappendonly yes\nappendfsync always');
  expect(await replica.read('key')).toMatch(/^MASTERDOWN/);
  await replica.catchUpWith(leader);
  expect(await replica.read('key')).toBe('new');
  await replica.restart();
  expect(await replica.read('key')).toMatch(/^MASTERDOWN/);
  await replica.catchUpWith(leader);
  expect(await replica.read('key')).toBe('new');
});

test('one that has caught up once answers reads while there is no leader', async () => {
  await using leader = await aLeader();
  await using replica = await Replica.start('save ""');
  await replica.catchUpWith(leader);
  await replica.read('key');
  await replica.loseLeader();
  expect(await replica.read('key')).toBe('new');
});

test('one that ceases to lead answers none before it has what its successor has', async () => {
  await using leader = await aLeader();
  await using replica = await Replica.start('save ""');
  await replica.catchUpWith(leader);
  await replica.read('key');
  await replica.lead();
  expect(await replica.read('key')).toBe('new');
  await replica.loseLeader();
  expect(await replica.read('key')).toMatch(/^MASTERDOWN/);
  await replica.catchUpWith(leader);
  expect(await replica.read('key')).toBe('new');
});

test('but not where the user wants none', async () => {
  await using leader = await aLeader();
  await using replica = await Replica.start('save ""\nreplica-serve-stale-data no');
  await replica.catchUpWith(leader);
  expect(await replica.read('key')).toBe('new');
  await replica.loseLeader();
  expect(await replica.read('key')).toMatch(/^MASTERDOWN/);
});

test('one that is promoted while it is still being allowed to refuses when it is demoted', async () => {
  await using leader = await aLeader();
  await using replica = await Replica.start('save ""');
  await replica.catchUpWith(leader);
  expect(await replica.leadsWhileTold()).toContain('no');
  expect(await replica.read('key')).toBe('new');
});
