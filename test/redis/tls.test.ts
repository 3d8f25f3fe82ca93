import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { monotonic } from '../../agent/core/units.ts';
import { admit, follow, observe, promote, reloadTls } from '../../agent/redis/commands.ts';
import { renderConfig, type ConfigTls } from '../../agent/redis/config-file.ts';
import { RedisConnection } from '../../agent/redis/connection.ts';
import { Link, type LinkState } from '../../agent/redis/link.ts';
import { Certificates } from '../../agent/run/certificates.ts';
import { readTlsMaterial, tlsFilesIn, type TlsMaterial } from '../../agent/tls.ts';
import { Authority } from '../support/certificates.ts';
import { RedisProcess, ask, eventually } from './redis-process.ts';

jest.setTimeout(60_000);

const password = Buffer.from('secret');
const cleanUps: (() => void | Promise<void>)[] = [];
let authority: Authority;

beforeEach(() => {
  authority = new Authority();
  cleanUps.push(() => {
    authority.remove();
  });
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A Redis that reads what is rendered for it, as in a pod. */
async function aRedis(
  folder: string,
  authClients: ConfigTls['authClients'] = 'yes',
): Promise<RedisProcess> {
  const redis = await RedisProcess.prepare();
  cleanUps.push(() => redis[Symbol.asyncDispose]());
  const { port, folder: dataDir } = redis;
  const file = join(dataDir, 'redis.conf');
  const tls = { folder, authClients, dhParams: null };
  const user = { userText: 'save ""', userFile: 'redis.conf', announceHost: '127.0.0.1' };
  writeFileSync(file, renderConfig({ ...user, port, dataDir, password, tls }));
  await redis.startWith(file);
  return redis;
}

async function opened({ port }: RedisProcess, tls?: TlsMaterial): Promise<RedisConnection> {
  const result = await RedisConnection.open({
    ...{ host: '127.0.0.1', port, name: 'test', password, ...(tls === undefined ? {} : { tls }) },
    ...{ connectTimeoutMs: 5000, commandTimeoutMs: 5000 },
  });
  if (result.kind !== 'open') throw new Error(JSON.stringify(result));
  cleanUps.push(() => {
    result.connection.close();
  });
  return result.connection;
}

/** What a server shows to whom that connects now. */
async function shownBy(port: number, tls: TlsMaterial): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ...tls, checkServerIdentity: () => undefined });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

async function leads(redis: RedisConnection): Promise<void> {
  await promote(redis);
  await admit(redis, { replicas: 0, maxLagSeconds: 2 });
}

async function replicates(replica: RedisConnection, { port }: RedisProcess): Promise<void> {
  await follow(replica, { host: '127.0.0.1', port });
  await eventually(
    () => observe(replica),
    (seen) => seen.kind === 'observed' && seen.info.replication.upstream?.link === 'up',
  );
}

test('two Redis replicate by TLS with what is rendered for them', async () => {
  const [one, other] = [authority.issue(), authority.issue()];
  const [primary, replica] = [await aRedis(one), await aRedis(other)];
  const tls = await readTlsMaterial(one);
  const [first, second] = [await opened(primary, tls), await opened(replica, tls)];
  await leads(first);
  await replicates(second, primary);
  await ask(first, 'SET', 'key', 'value');
  await eventually(
    () => ask(second, 'GET', 'key'),
    (value) => value === 'value',
  );
});

test('who shows no certificate of the authority is refused, in the clear too', async () => {
  const redis = await aRedis(authority.issue());
  const stranger = new Authority();
  cleanUps.push(() => {
    stranger.remove();
  });
  const theirs = await readTlsMaterial(stranger.issue());
  const { ca } = await readTlsMaterial(authority.issue());
  await expect(opened(redis)).rejects.toThrow('it closes new connections');
  await expect(opened(redis, { ...theirs, ca })).rejects.toThrow('refused');
  await expect(opened(redis, theirs)).rejects.toThrow(/self-signed|unable to/);
});

test.each(['no', 'optional'] as const)(
  "with tls-auth-clients %s a client without a certificate is served, and the agent's is taken",
  async (authClients) => {
    const folder = authority.issue();
    const redis = await aRedis(folder, authClients);
    const tls = await readTlsMaterial(folder);
    expect((await opened(redis, tls)).isOpen).toBe(true);
    const socket = connect({ port: redis.port, ca: tls.ca, checkServerIdentity: () => undefined });
    await once(socket, 'secureConnect');
    socket.write('PING\r\n');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^-NOAUTH/);
    socket.destroy();
  },
);

test('the link holds a Redis by TLS, and tells a hung one from one that is gone', async () => {
  const folder = authority.issue();
  const redis = await aRedis(folder);
  const passwordFile = join(redis.folder, 'password');
  writeFileSync(passwordFile, password);
  const kinds: LinkState['kind'][] = [];
  const tls = await readTlsMaterial(folder);
  const link = new Link({
    ...{ host: '127.0.0.1', port: redis.port, passwordFile, tls: () => tls },
    ...{ beatTimeoutMs: 600, commandTimeoutMs: 2000, now: () => monotonic(performance.now()) },
    onState: ({ kind }) => kinds.push(kind),
  });
  cleanUps.push(() => {
    link.end();
  });
  link.start();
  const becomes = (kind: LinkState['kind']): Promise<unknown> =>
    eventually(
      () => link.state.kind,
      (seen) => seen === kind,
    );
  await becomes('up');
  await redis.hang();
  await becomes('hung');
  redis.goOn();
  await becomes('up');
  await redis.crash();
  await becomes('down');
  expect(kinds).toEqual(['up', 'hung', 'up', 'down']);
});

test('a running Redis takes up a renewed certificate, and loses neither link nor replica', async () => {
  const mounted = authority.mount();
  const [primary, replica] = [await aRedis(mounted), await aRedis(authority.issue())];
  const tls = await readTlsMaterial(mounted);
  const [first, second] = [await opened(primary, tls), await opened(replica, tls)];
  await leads(first);
  await replicates(second, primary);
  const before = await shownBy(primary.port, tls);
  const syncs = await ask(first, 'INFO', 'stats');

  authority.replace(mounted);
  expect(await shownBy(primary.port, tls)).toBe(before);
  expect(await reloadTls(first, tlsFilesIn(mounted))).toEqual({ kind: 'done' });
  expect(await shownBy(primary.port, tls)).not.toBe(before);

  await ask(first, 'SET', 'key', 'after');
  await eventually(
    () => ask(second, 'GET', 'key'),
    (value) => value === 'after',
  );
  const count = (stats: string): string => /^sync_full:.*$/m.exec(stats)![0];
  expect(count(await ask(first, 'INFO', 'stats'))).toBe(count(syncs));
});

test('Redis keeps its certificate when the files do not fit together', async () => {
  const folder = authority.issue();
  const redis = await aRedis(folder);
  const tls = await readTlsMaterial(folder);
  const connection = await opened(redis, tls);
  const before = await shownBy(redis.port, tls);
  copyFileSync(join(authority.issue(), 'tls.key'), join(folder, 'tls.key'));
  expect(await reloadTls(connection, tlsFilesIn(folder))).toMatchObject({ kind: 'refused' });
  expect(await shownBy(redis.port, tls)).toBe(before);
});

test('files that do not fit together are named, and do not replace those that did', async () => {
  const folder = authority.issue();
  const certificates = await Certificates.load(folder);
  const before = certificates.current();
  expect(await certificates.refresh()).toBe(false);
  const other = authority.issue();
  copyFileSync(join(other, 'tls.crt'), join(folder, 'tls.crt'));
  await expect(certificates.refresh()).rejects.toThrow(/mismatch/);
  expect(certificates.current()).toBe(before);
  copyFileSync(join(other, 'tls.key'), join(folder, 'tls.key'));
  expect(await certificates.refresh()).toBe(true);
  expect(certificates.current().cert.equals(before.cert)).toBe(false);
});

test('an authority that did not issue the certificate is no fit', async () => {
  const folder = authority.issue();
  const stranger = new Authority();
  cleanUps.push(() => {
    stranger.remove();
  });
  copyFileSync(join(stranger.issue(), 'ca.crt'), join(folder, 'ca.crt'));
  await expect(Certificates.load(folder)).rejects.toThrow('vouches for');
  await expect(Certificates.load('/nonexistent')).rejects.toThrow('/nonexistent');
});
