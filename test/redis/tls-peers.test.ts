import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PeerClient } from '../../agent/http/peer.ts';
import { listenTls, portOf, routesFor, type Route } from '../../agent/http/server.ts';
import { RedisConnection } from '../../agent/redis/connection.ts';
import { Certificates } from '../../agent/run/certificates.ts';
import { openDoors } from '../../agent/run/doors.ts';
import { TlsRotation } from '../../agent/run/rotation-tls.ts';
import { tlsFilesIn, type TlsMaterial } from '../../agent/tls.ts';
import { Authority } from '../support/certificates.ts';
import { RedisProcess, freePort } from './redis-process.ts';

jest.setTimeout(60_000);

const state = {
  ...{ pod: 'my-redis-node-1', uid: 'u1', address: '10.0.0.2', ordinal: 1, priority: 100 },
  ...{ term: 3, leading: false, position: null, holder: null, reason: 'following' },
  ...{ withdrawn: false, bound: false, stopping: false, passwordGeneration: null },
};

const routes: readonly Route[] = [
  { method: 'GET', path: '/v1/state', allows: 'members', answer: () => ok(state) },
  { method: 'POST', path: '/v1/lead', allows: 'peers', answer: () => ok({}) },
  { method: 'GET', path: '/metrics', allows: 'anybody', answer: () => ok('') },
  { method: 'POST', path: '/v1/switchover', allows: 'own-pod', answer: () => ok({}) },
];

function ok(body: unknown): { status: number; body: unknown } {
  return { status: 200, body };
}

const silent = {
  ...{ debug: () => undefined, info: () => undefined },
  ...{ warn: () => undefined, error: () => undefined },
};

let authority: Authority;
let mounted: string;
let certificates: Certificates;
let server: Server;
let rejected: string[];
const clients: PeerClient[] = [];
const started: RedisProcess[] = [];

beforeEach(async () => {
  rejected = [];
  authority = new Authority();
  mounted = authority.mount();
  certificates = await Certificates.load(mounted);
  server = await listenTls({
    port: 0,
    routes: routesFor('members', routes),
    peerSecret: () => Promise.resolve('right'),
    onError: () => undefined,
    tls: certificates.current(),
    onRejected: (_from, cause) => rejected.push(cause),
  });
});

afterEach(async () => {
  for (const redis of started.splice(0)) await redis[Symbol.asyncDispose]();
  for (const client of clients.splice(0)) client.close();
  server.close();
  server.closeAllConnections();
  authority.remove();
});

const self = { pod: 'my-redis-node-0', uid: 'u0' };

function aClient(tls: () => TlsMaterial, secret = 'right', port = portOf(server)): PeerClient {
  const client = new PeerClient({ self, port, peerSecret: () => Promise.resolve(secret), tls });
  clients.push(client);
  return client;
}

/** What listens at a port shows to whom that connects now. */
async function shownAt(port: number): Promise<string> {
  const tls = { ...certificates.current(), checkServerIdentity: () => undefined };
  const socket = connect({ port, host: '127.0.0.1', ...tls });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** A Redis with the mounted certificates, and the agent's connection to it. */
async function aRedis(): Promise<readonly [RedisProcess, RedisConnection]> {
  const redis = await RedisProcess.prepare();
  started.push(redis);
  const { cert, key, ca } = tlsFilesIn(mounted);
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca];
  await redis.startWith('--port', '0', '--tls-port', String(redis.port), '--save', '', ...files);
  const result = await RedisConnection.open({
    ...{ host: '127.0.0.1', port: redis.port, name: 'test', password: null },
    ...{ tls: certificates.current(), connectTimeoutMs: 5000, commandTimeoutMs: 5000 },
  });
  if (result.kind !== 'open') throw new Error(JSON.stringify(result));
  return [redis, result.connection];
}

test('members hear each other by mutual TLS, and a command needs the secret besides', async () => {
  const client = aClient(certificates.current);
  expect(await client.state('127.0.0.1', 5000)).toEqual({ kind: 'answered', state });
  expect(await client.lead('127.0.0.1', {})).toEqual({ kind: 'answered' });
  const wrong = aClient(certificates.current, 'wrong');
  expect(await wrong.lead('127.0.0.1', {})).toEqual({ kind: 'refused', status: 403 });
});

test('a stranger is heard by no member, and no member speaks to a stranger', async () => {
  const stranger = new Authority();
  const theirs = (await Certificates.load(stranger.issue())).current();
  stranger.remove();
  const { ca, cert, key } = certificates.current();
  for (const tls of [
    { ...theirs, ca },
    { cert, key, ca: theirs.ca },
  ]) {
    const client = aClient(() => tls);
    expect(await client.state('127.0.0.1', 5000)).toMatchObject({ kind: 'unreachable' });
  }
  expect(rejected).toEqual([expect.stringMatching(/UNABLE_TO|SELF_SIGNED/)]);
});

test('in the clear there is nothing for peers, and the state for the own pod alone', async () => {
  const [port, peerPort] = [await freePort(), await freePort()];
  const options = { agentPort: port, peerPort, peerSecretFile: null };
  const doors = await openDoors(options, routes, certificates, silent);
  const asked = async (method: string, path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
  try {
    expect(await asked('GET', '/metrics')).toBe(200);
    expect(await asked('GET', '/v1/state')).toBe(200);
    expect(await asked('POST', '/v1/switchover')).toBe(200);
    expect(await asked('POST', '/v1/lead')).toBe(404);
    const client = aClient(certificates.current, 'right', peerPort);
    expect(await client.state('127.0.0.1', 5000)).toEqual({ kind: 'answered', state });
  } finally {
    doors.close();
  }
});

test('renewed certificates are shown to new connections, and those that stand go on', async () => {
  const warnings: object[] = [];
  const log = {
    ...{ debug: () => undefined, info: () => undefined, error: () => undefined },
    warn: (details: object) => warnings.push(details),
  };
  const [redis, connection] = await aRedis();
  const rotation = new TlsRotation({ certificates, redis: connection, server, log });
  const shown = (): Promise<readonly string[]> =>
    Promise.all([shownAt(portOf(server)), shownAt(redis.port)]);
  const client = aClient(certificates.current);
  await client.state('127.0.0.1', 5000);
  const before = await shown();

  copyFileSync(join(authority.issue(), 'tls.key'), join(mounted, 'tls.key'));
  await rotation.turn();
  await rotation.turn();
  expect(warnings).toContainEqual({ fault: expect.stringMatching(/mismatch/) });
  expect(warnings).toHaveLength(1);
  expect(await shown()).toEqual(before);

  authority.replace(mounted);
  await rotation.turn();
  const after = await shown();
  expect(new Set(after).size).toBe(1);
  expect(before).not.toContain(after[0]);
  expect(connection.isOpen).toBe(true);
  expect(await client.state('127.0.0.1', 5000)).toEqual({ kind: 'answered', state });
});
