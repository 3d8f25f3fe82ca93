import { connect } from 'node:net';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  listen,
  portOf,
  routesFor,
  type Question,
  type Route,
} from '../../../agent/http/server.ts';

let server: Server;
let secret: () => Promise<string | null>;
let asked: Question[];
let errors: string[];

const routes: readonly Route[] = [
  {
    method: 'GET',
    path: '/open',
    allows: 'anybody',
    answer: () => ({ status: 200, body: 'text' }),
  },
  {
    method: 'POST',
    path: '/peers',
    allows: 'peers',
    answer: (question) => {
      asked.push(question);
      return { status: 200, body: { ok: true } };
    },
  },
  { method: 'POST', path: '/own', allows: 'own-pod', answer: () => ({ status: 200, body: {} }) },
  {
    method: 'GET',
    path: '/broken',
    allows: 'anybody',
    answer: () => {
      throw new Error('broken on purpose');
    },
  },
];

beforeEach(async () => {
  asked = [];
  errors = [];
  secret = () => Promise.resolve('right');
  server = await listen({
    port: 0,
    routes,
    peerSecret: () => secret(),
    onError: (path) => errors.push(path),
  });
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function fetched(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${portOf(server)}${path}`, init);
}

/** Sends bytes as they are, and reads all that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(portOf(server), '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

test('a text is sent as text, everything else as JSON', async () => {
  expect(await (await fetched('/open?any=thing')).text()).toBe('text');
  const answer = await fetched('/own', { method: 'POST' });
  expect(answer.headers.get('content-type')).toBe('application/json');
});

test('an unknown path and a wrong method are told apart', async () => {
  expect((await fetched('/nothing')).status).toBe(404);
  const answer = await fetched('/peers');
  expect(answer.status).toBe(405);
  expect(await answer.json()).toEqual({ error: '/peers takes POST' });
});

test.each([
  ['no secret', {}, 403],
  ['a wrong secret', { authorization: 'Bearer wrong' }, 403],
  ['the beginning of the secret', { authorization: 'Bearer righ' }, 403],
  ['another scheme', { authorization: 'Basic right' }, 403],
  ['the secret', { authorization: 'Bearer right' }, 200],
])('with %s a peer is answered %j', async (_name, headers, status) => {
  expect((await fetched('/peers', { method: 'POST', headers })).status).toBe(status);
  expect(asked).toHaveLength(status === 200 ? 1 : 0);
});

test.each([
  ['my-redis-node-0/u0', { pod: 'my-redis-node-0', uid: 'u0' }],
  ['my-redis-node-0', null],
  ['/u0', null],
])('who says that it is %j is taken for %j', async (text, asker) => {
  const headers = { 'authorization': 'Bearer right', 'regent-asker': text };
  await fetched('/peers', { method: 'POST', headers });
  expect(asked[0]?.asker).toEqual(asker);
});

test('a rotated secret counts at once', async () => {
  secret = () => Promise.resolve('rotated');
  const ask = (given: string): Promise<Response> =>
    fetched('/peers', { method: 'POST', headers: { authorization: `Bearer ${given}` } });
  expect((await ask('right')).status).toBe(403);
  expect((await ask('rotated')).status).toBe(200);
});

test('a secret that cannot be read lets nobody in, and the agent lives on', async () => {
  secret = () => Promise.reject(new Error('unreadable'));
  const headers = { authorization: 'Bearer right' };
  expect((await fetched('/peers', { method: 'POST', headers })).status).toBe(500);
  expect(errors).toEqual(['/peers']);
  expect(asked).toEqual([]);
});

test('a route that throws is answered, and told with its path', async () => {
  expect((await fetched('/broken')).status).toBe(500);
  expect(errors).toEqual(['/broken']);
});

test.each([
  ['no JSON', '{"lease":', 'the body is not JSON'],
  ['too long', JSON.stringify('x'.repeat(70_000)), 'longer than 65536 bytes'],
])('a body that is %s is refused', async (_name, body, reason) => {
  const headers = { authorization: 'Bearer right' };
  const answer = await fetched('/peers', { method: 'POST', headers, body });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(reason);
  expect(asked).toEqual([]);
});

test.each(['//[', 'http://[::1', '/%zz', '*', '\\\\'])(
  'the path %s is an unknown one, not the end of the agent',
  async (path) => {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await fetched('/open')).status).toBe(200);
  },
);

test('a port that is taken is refused', async () => {
  await expect(
    listen({ port: portOf(server), routes, peerSecret: secret, onError: () => undefined }),
  ).rejects.toThrow('EADDRINUSE');
});

test('with TLS each route has one door', () => {
  const served = (door: 'everybody' | 'own-pod' | 'members'): readonly string[] =>
    routesFor(door, [
      ...routes,
      { method: 'GET', path: '/set', allows: 'members', answer: () => ({ status: 200, body: {} }) },
    ]).map(({ path, allows }) => `${path} ${allows}`);
  expect(served('members')).toEqual(['/peers peers', '/set members']);
  expect(served('own-pod')).toEqual([
    '/open anybody',
    '/own own-pod',
    '/broken anybody',
    '/set own-pod',
  ]);
  expect(served('everybody')).toContain('/set members');
});
