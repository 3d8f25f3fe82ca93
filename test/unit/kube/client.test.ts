import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KubeClient } from '../../../agent/kube/client.ts';
import { LeaseStore } from '../../../agent/kube/lease-store.ts';
import { aLease, FailingApiServer, send } from './api-server.ts';

let server: FailingApiServer;
let client: KubeClient;
let store: LeaseStore;

beforeEach(async () => {
  server = await FailingApiServer.start();
  client = await KubeClient.load(server.kubeconfig(), 2000);
  store = new LeaseStore(client, { namespace: 'default', name: 'leader' });
});

afterEach(async () => {
  await server.end();
});

const status = (message: string): object => ({ kind: 'Status', message });

test.each([
  [409, { kind: 'conflict' }],
  [404, { kind: 'absent' }],
  [403, { kind: 'refused', status: 403, message: 'why' }],
  [422, { kind: 'refused', status: 422, message: 'why' }],
  [429, { kind: 'unreachable', cause: 'HTTP 429: why' }],
  [500, { kind: 'unreachable', cause: 'HTTP 500: why' }],
  [504, { kind: 'unreachable', cause: 'HTTP 504: why' }],
])('an answer of %i is a value, for an API class and for a plain request', async (code, value) => {
  server.answer = (_seen, response) => {
    send(response, code, status('why'));
  };
  expect(await store.get()).toEqual(value);
  expect(await client.request({ method: 'GET', path: '/api/v1/pods' })).toEqual(value);
  const stream = await client.stream('/api/v1/pods');
  expect(stream.kind).toBe(value.kind);
});

test('what is no JSON is no answer', async () => {
  server.answer = (_seen, response) => response.writeHead(200).end('<html>a proxy</html>');
  expect((await store.get()).kind).toBe('unreachable');
  expect((await client.request({ method: 'GET', path: '/x' })).kind).toBe('unreachable');
});

test('the times of a Lease are dates', async () => {
  server.answer = (_seen, response) => {
    send(response, 200, aLease(7));
  };
  const result = await store.get();
  if (result.kind !== 'ok') throw new Error(result.kind);
  expect(result.lease.spec?.renewTime?.getTime()).toBe(Date.parse('2026-11-20T13:06:26.123Z'));
  await store.update(result.lease);
  expect(JSON.parse(server.seen.at(-1)!.body)).toMatchObject({
    metadata: { resourceVersion: '7' },
    spec: { renewTime: '2026-11-20T13:06:26.123000Z' },
  });
});

test('a Lease without a version is never written over another', async () => {
  expect(await store.update({ metadata: { name: 'leader' } })).toEqual({ kind: 'conflict' });
  expect(server.seen).toEqual([]);
});

test('a request without an answer ends in time, and the next one does not share its connection', async () => {
  server.answer = () => undefined;
  const late = await store.get({ timeoutMs: 40 });
  expect(late).toEqual({ kind: 'unreachable', cause: 'no answer within 40 ms' });
  server.answer = (_seen, response) => {
    send(response, 200, aLease(1));
  };
  expect((await store.get()).kind).toBe('ok');
  expect(server.seen[1]!.port).not.toBe(server.seen[0]!.port);
});

test('an answer that stops in its midst ends in time as well', async () => {
  server.answer = (_seen, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{');
  };
  expect((await store.get({ timeoutMs: 40 })).kind).toBe('unreachable');
});

test('a request can be given up', async () => {
  server.answer = () => undefined;
  const signal = AbortSignal.timeout(30);
  expect((await store.get({ signal })).kind).toBe('unreachable');
});

test('requests one after the other share a connection', async () => {
  server.answer = (_seen, response) => {
    send(response, 200, aLease(1));
  };
  for (let count = 0; count < 3; count += 1) await store.get();
  expect(new Set(server.seen.map(({ port }) => port)).size).toBe(1);
});

test('a connection that the server closed while it was idle costs nothing', async () => {
  const used = new Set<number | undefined>();
  server.answer = ({ port }, response) => {
    if (used.has(port)) {
      response.socket?.resetAndDestroy();
      return;
    }
    used.add(port);
    send(response, 200, aLease(1));
  };
  for (let count = 0; count < 4; count += 1) expect((await store.get()).kind).toBe('ok');
});

test('a token that was replaced on disk is read again as soon as the old one is refused', async () => {
  server.answer = ({ authorization }, response) => {
    if (authorization === 'Bearer second') send(response, 200, aLease(1));
    else send(response, 401, status('Unauthorized'));
  };
  expect(await store.get()).toMatchObject({ kind: 'refused', status: 401 });
  writeFileSync(server.tokenFile, 'second\n');
  expect((await store.get()).kind).toBe('ok');
});

test('while the token file is away the old token goes on', async () => {
  server.answer = ({ authorization }, response) => {
    send(response, authorization === 'Bearer first' ? 200 : 401, aLease(1));
  };
  expect((await store.get()).kind).toBe('ok');
  server.answer = (_seen, response) => {
    send(response, 401, status('Unauthorized'));
  };
  await store.get();
  rmSync(server.tokenFile);
  server.answer = ({ authorization }, response) => {
    send(response, authorization === 'Bearer first' ? 200 : 401, aLease(1));
  };
  expect((await store.get()).kind).toBe('ok');
});

test('nobody there is unreachable', async () => {
  await server.stop();
  expect((await store.get()).kind).toBe('unreachable');
});

test('a kubeconfig that cannot be used is named', async () => {
  await expect(KubeClient.load('/nonexistent/kubeconfig', 1000)).rejects.toThrow(
    "kubeconfig '/nonexistent/kubeconfig'",
  );
  await expect(KubeClient.load(null, 1000)).rejects.toThrow('KUBERNETES_SERVICE_HOST');
});

test('after a request without an answer the next takes a new connection, and none that was idle', async () => {
  const get = (timeoutMs = 2000): ReturnType<KubeClient['request']> =>
    client.request({ method: 'GET', path: '/x' }, { timeoutMs });
  const waiting: (() => void)[] = [];
  server.answer = (_seen, response) => {
    waiting.push(() => {
      send(response, 200, {});
    });
    if (waiting.length === 3) for (const answer of waiting.splice(0)) answer();
  };
  await Promise.all([get(), get(), get()]);
  const idle = new Set(server.seen.map(({ port }) => port));
  expect(idle.size).toBe(3);
  server.answer = () => undefined;
  expect((await get(50)).kind).toBe('unreachable');
  server.answer = (_seen, response) => {
    send(response, 200, {});
  };
  expect((await get()).kind).toBe('ok');
  expect(idle.has(server.seen.at(-1)!.port)).toBe(false);
});
