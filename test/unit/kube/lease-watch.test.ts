import type { ServerResponse } from 'node:http';
import type { V1Lease } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { KubeClient, type CallFailure } from '../../../agent/kube/client.ts';
import { LeaseWatch } from '../../../agent/kube/lease-watch.ts';
import { aLease, FailingApiServer, send } from './api-server.ts';

jest.setTimeout(30_000);

let server: FailingApiServer;
let watch: LeaseWatch;
/** What lists answer at present. */
let listed: readonly object[];
/** Watches that are open, oldest first. */
let streams: ServerResponse[];
let told: (string | null)[];
let failures: CallFailure[];

beforeEach(async () => {
  [listed, streams, told, failures] = [[], [], [], []];
  server = await FailingApiServer.start();
  server.answer = answer;
});

afterEach(async () => {
  watch.end();
  await server.end();
});

function answer({ url }: { readonly url: URL }, response: ServerResponse): void {
  if (url.searchParams.get('watch') !== 'true') {
    send(response, 200, { metadata: { resourceVersion: '50' }, items: listed });
    return;
  }
  response.writeHead(200).flushHeaders();
  streams.push(response);
}

async function start(silenceMs = 20_000): Promise<void> {
  watch = new LeaseWatch({
    client: await KubeClient.load(server.kubeconfig(), 300),
    where: { namespace: 'default', name: 'leader' },
    silenceMs,
    onLease: (lease: V1Lease) => told.push(lease.metadata?.resourceVersion ?? null),
    onAbsence: (version) => told.push(`none at ${version}`),
    onRead: () => undefined,
    onAlive: () => undefined,
    onFailure: (failure) => failures.push(failure),
  });
  watch.start();
}

function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

async function until(condition: () => boolean): Promise<void> {
  const untilMs = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error(JSON.stringify({ told, failures }));
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

test('it tells what there is, then what happens, and begins where the list ended', async () => {
  listed = [aLease(7)];
  await start();
  await until(() => streams.length === 1);
  const { searchParams } = server.seen.at(-1)!.url;
  expect(searchParams.get('resourceVersion')).toBe('50');
  expect(searchParams.get('fieldSelector')).toBe('metadata.name=leader');
  streams[0]!.write(event('MODIFIED', aLease(51)) + event('MODIFIED', aLease(52)));
  streams[0]!.write(event('DELETED', aLease(53)));
  await until(() => told.length === 4);
  expect(told).toEqual(['7', '51', '52', 'none at 53']);
});

test('an event in pieces is put together', async () => {
  await start();
  await until(() => streams.length === 1);
  const text = event('ADDED', aLease(51, 'ноде/ü'));
  const bytes = Buffer.from(text);
  for (const byte of bytes) streams[0]!.write(Buffer.of(byte));
  await until(() => told.length === 2);
  expect(told).toEqual(['none at 50', '51']);
});

test.each([
  ['a forgotten version', () => streams[0]!.write(event('ERROR', { code: 410 }))],
  ['the end of the watch', () => streams[0]!.end()],
  ['a reset', () => streams[0]!.socket?.resetAndDestroy()],
  ['nonsense', () => streams[0]!.write('<html>\n')],
])('after %s the Lease is read again and watched again', async (_name, disturb) => {
  listed = [aLease(7)];
  await start();
  await until(() => streams.length === 1);
  listed = [aLease(60)];
  disturb();
  await until(() => streams.length === 2);
  expect(told).toEqual(['7', '60']);
});

test('a watch that is silent while the Lease changes is found out and replaced', async () => {
  listed = [aLease(7)];
  await start(50);
  await until(() => streams.length === 1);
  listed = [aLease(60)];
  await until(() => streams.length === 2);
  expect(told).toContain('60');
  expect(streams[0]!.destroyed || streams[0]!.closed).toBe(true);
});

test('a watch that is silent because nothing happens is kept', async () => {
  listed = [aLease(7)];
  await start(30);
  await until(() => server.seen.length > 6);
  expect(streams).toHaveLength(1);
});

test('a watch that is silent because the server is gone is replaced when it is back', async () => {
  listed = [aLease(7)];
  await start(50);
  await until(() => streams.length === 1);
  // The connection of the watch stays open, as behind a firewall that forgot it.
  server.answer = () => undefined;
  await until(() => failures.length > 0);
  server.answer = answer;
  listed = [aLease(60)];
  await until(() => streams.length === 2);
  expect(told).toContain('60');
});

test('an API server that is down is tried again until it is back', async () => {
  await start();
  await until(() => streams.length === 1);
  const { port } = server;
  await server.stop();
  await until(() => failures.length >= 3);
  listed = [aLease(60)];
  await server.listen(port);
  await until(() => told.includes('60'));
});

test('a server that ends each watch at once is not run down', async () => {
  server.answer = (seen, response) => {
    answer(seen, response);
    if (seen.url.searchParams.get('watch') === 'true') response.end();
  };
  await start();
  await new Promise((resolve) => {
    setTimeout(resolve, 600);
  });
  expect(streams.length).toBeLessThan(12);
});

test('without permission it says so and goes on', async () => {
  server.answer = (_seen, response) => {
    send(response, 403, { message: 'leases is forbidden' });
  };
  await start();
  await until(() => failures.length > 0);
  expect(failures[0]).toEqual({ kind: 'refused', status: 403, message: 'leases is forbidden' });
  server.answer = answer;
  await until(() => streams.length === 1);
});
