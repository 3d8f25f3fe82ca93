import { expect, jest, test } from '@jest/globals';
import type { RedisConnection } from '../../agent/redis/connection.ts';
import { systemClock } from '../../agent/run/clock.ts';
import type { LocalRedis } from '../../agent/run/local-redis.ts';
import { NoteKeeper } from '../../agent/run/note-keeper.ts';
import { readNote } from '../../agent/run/note.ts';
import { aRecord } from '../support/turn.ts';
import { silentLog } from '../unit/run/silent-log.ts';
import { ask, eventually, RedisProcess } from './redis-process.ts';
import { watched } from './watched-redis.ts';

jest.setTimeout(60_000);

/** The keys of the leader: with a delay for each a rewrite lasts as long as a test needs. */
const keys = 200;

/** A replica with a log, what its agent keeps a note with, and a leader of other data. */
class Volume implements AsyncDisposable {
  readonly #leader: RedisProcess;
  readonly #replica: RedisProcess;
  readonly #local: LocalRedis;
  readonly #keeper: NoteKeeper;
  readonly #replid: string;

  private constructor(leader: RedisProcess, replica: RedisProcess, replid: string) {
    this.#leader = leader;
    this.#replica = replica;
    this.#replid = replid;
    this.#local = watched(replica);
    this.#keeper = new NoteKeeper(replica.folder, this.#local, silentLog);
  }

  /** Both run, each with its own data. */
  static async start(): Promise<Volume> {
    const leader = await RedisProcess.start('--save', '', '--repl-diskless-sync-delay', '0');
    const replica = await RedisProcess.start('--save', '', '--appendonly', 'yes');
    const client = await leader.client();
    for (let key = 0; key < keys; key += 1) await ask(client, 'SET', `new-${key}`, 'value');
    await ask(await replica.client(), 'SET', 'old', 'value');
    // The first replica gives the leader the replication id that stays.
    const other = await RedisProcess.start('--save', '', '--replicaof', `127.0.0.1 ${leader.port}`);
    await eventually(
      async () => field(client, 'connected_slaves'),
      (count) => count === '1',
    );
    await other[Symbol.asyncDispose]();
    return new Volume(leader, replica, await field(client, 'master_replid'));
  }

  /** The replica takes the leader's data; the log that it then makes waits so long for each key. */
  async resync(keyDelayMicroseconds: number): Promise<void> {
    const client = await this.#replica.client();
    await ask(client, 'CONFIG', 'SET', 'rdb-key-save-delay', keyDelayMicroseconds);
    await ask(client, 'REPLICAOF', '127.0.0.1', this.#leader.port);
  }

  /** One turn of the agent. Whether Redis makes a log, and all of the leader's data are in memory. */
  async turn(): Promise<{ readonly isRewriting: boolean; readonly hasData: boolean }> {
    const sight = await this.#local.look(systemClock);
    const lineage = [{ term: 3, replid: this.#replid, offset: 0 }];
    await this.#keeper.keep(aRecord({ lineage }), sight, systemClock());
    const isUp = sight.kind === 'up' && sight.position.whole;
    const hasData = isUp && sight.position.replid === this.#replid && sight.position.keys === keys;
    return { isRewriting: this.#local.isLogBehind, hasData };
  }

  /** What Redis says of its log, and what stands beside it. */
  async beside(): Promise<Record<string, unknown>> {
    const client = await this.#replica.client();
    const isRewriting = (await field(client, 'aof_rewrite_in_progress')) === '1';
    const replid = (await readNote(this.#replica.folder))?.replid ?? null;
    return { isRewriting, isNoted: replid === this.#replid };
  }

  /** Redis is killed and comes back: which data it has, and whether the note says the leader's. */
  async afterKill(): Promise<Record<string, unknown>> {
    await this.#replica.crash();
    await this.#replica.startAgain();
    const client = await this.#replica.client();
    const loaded = await eventually(
      () => ask(client, 'DBSIZE'),
      (count) => !count.startsWith('LOADING'),
    );
    const note = await readNote(this.#replica.folder);
    return { keys: Number(loaded), isNoted: note?.replid === this.#replid };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#local.link.end();
    await this.#replica[Symbol.asyncDispose]();
    await this.#leader[Symbol.asyncDispose]();
  }
}

async function field(client: RedisConnection, name: string): Promise<string> {
  const info = await ask(client, 'INFO', 'everything');
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? '';
}

test('a replica that dies before its new log is made has the old data, and no note of new ones', async () => {
  await using volume = await Volume.start();
  await volume.resync(50_000);
  await eventually(
    () => volume.turn(),
    ({ hasData }) => hasData,
  );
  for (let turns = 0; turns < 5; turns += 1) await volume.turn();
  expect(await volume.beside()).toEqual({ isRewriting: true, isNoted: false });
  expect(await volume.afterKill()).toEqual({ keys: 1, isNoted: false });
});

test('a replica whose new log is made has the new data, and the note of them', async () => {
  await using volume = await Volume.start();
  await volume.resync(5000);
  await eventually(
    () => volume.turn(),
    ({ hasData, isRewriting }) => hasData && !isRewriting,
  );
  expect(await volume.beside()).toEqual({ isRewriting: false, isNoted: true });
  expect(await volume.afterKill()).toEqual({ keys, isNoted: true });
});
