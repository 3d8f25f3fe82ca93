import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { V1Lease } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PeerClient } from '../../../agent/http/peer.ts';

const self = { pod: 'my-redis-node-0', uid: 'u0' };

/** Whatever listens at a peer's address; `answer` is what it does this time. */
let stranger: Server;
let client: PeerClient;
let answer: (response: ServerResponse) => void;
let heard: IncomingMessage[];
let bodies: unknown[];

beforeEach(async () => {
  heard = [];
  bodies = [];
  stranger = createServer((question, response) => {
    heard.push(question);
    let body = '';
    question.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    question.on('end', () => {
      if (body !== '') bodies.push(JSON.parse(body));
      answer(response);
    });
  }).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  client = new PeerClient({ self, port, peerSecret: () => Promise.resolve('secret') });
});

afterEach(() => {
  client.close();
  stranger.close();
  stranger.closeAllConnections();
});

const state = {
  pod: 'my-redis-node-1',
  uid: 'u1',
  address: '10.0.0.2',
  ordinal: 1,
  priority: 100,
  term: 3,
  leading: false,
  position: null,
  withdrawn: false,
  bound: false,
  stopping: false,
  holder: 'my-redis-node-0',
  reason: 'following',
  passwordGeneration: { accepts: 'a1', uses: 'b2' },
};

function says(status: number, body: unknown): void {
  answer = (response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

test('a peer says what it is', async () => {
  says(200, state);
  expect(await client.state('127.0.0.1', 1000)).toEqual({ kind: 'answered', state });
});

test('who asks says which pod it is', async () => {
  says(200, state);
  await client.state('127.0.0.1', 1000);
  expect(heard[0]?.headers['regent-asker']).toBe('my-redis-node-0/u0');
});

test('a peer that says nothing of its password is an older one', async () => {
  says(200, { ...state, passwordGeneration: undefined });
  const expected = { ...state, passwordGeneration: null };
  expect(await client.state('127.0.0.1', 1000)).toEqual({ kind: 'answered', state: expected });
});

test('a connection serves more than one question', async () => {
  says(200, state);
  await client.state('127.0.0.1', 1000);
  await client.state('127.0.0.1', 1000);
  const ports = heard.map((question) => question.socket.remotePort);
  expect(new Set(ports).size).toBe(1);
});

test.each([
  ['no JSON', 'hello'],
  ['no object', '[]'],
  ['a missing term', { ...state, term: undefined }],
  ['a term that is no count', { ...state, term: -1 }],
  ['a term beyond what can be counted', { ...state, term: 2 ** 60 }],
  ['half a generation', { ...state, passwordGeneration: { accepts: 'a1' } }],
  ['half a position', { ...state, position: { role: 'primary' } }],
  ['more than anybody would say', JSON.stringify({ ...state, reason: 'x'.repeat(100_000) })],
])('%s is not believed', async (_name, body) => {
  says(200, body);
  expect((await client.state('127.0.0.1', 1000)).kind).toBe('unreachable');
});

test('a refusal is told from silence', async () => {
  says(403, {});
  const lease = {} as V1Lease;
  expect(await client.lead('127.0.0.1', lease)).toEqual({ kind: 'refused', status: 403 });
  answer = () => undefined;
  expect(await client.state('127.0.0.1', 30)).toMatchObject({ kind: 'unreachable' });
});

const promised = { granted: true, term: 3, pod: 'my-redis-node-1', uid: 'u1' };

test('a promise is asked for with the Lease that it is about', async () => {
  says(200, promised);
  const lease = { metadata: { name: 'leader' } };
  const answer = await client.promise('127.0.0.1', lease, 5000);
  expect(answer).toEqual({ kind: 'answered', answer: promised });
  expect(heard[0]).toMatchObject({ method: 'POST', url: '/v1/promise' });
  expect(bodies).toEqual([{ lease, durationMs: 5000 }]);
});

test.each([
  ['no word about it', { ...promised, granted: 'yes' }],
  ['no term', { ...promised, term: -1 }],
  ['no name', { ...promised, pod: undefined }],
  ['nothing', null],
])('a promise with %s is none', async (_name, body) => {
  says(200, body);
  expect((await client.promise('127.0.0.1', {}, 5000)).kind).toBe('unreachable');
});

test('the holder is told whom a person named', async () => {
  says(200, {});
  expect(await client.override('127.0.0.1', 'my-redis-node-2')).toEqual({ kind: 'answered' });
  expect(heard[0]).toMatchObject({ method: 'POST', url: '/v1/override' });
  expect(bodies).toEqual([{ to: 'my-redis-node-2' }]);
  says(400, { error: 'no such pod' });
  expect(await client.override('127.0.0.1', 'x')).toEqual({ kind: 'refused', status: 400 });
});

test('the secret goes with a command, and with no question', async () => {
  says(200, state);
  await client.state('127.0.0.1', 1000);
  await client.lead('127.0.0.1', {});
  expect(heard.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer secret']);
});

test('nobody there is unreachable', async () => {
  stranger.close();
  stranger.closeAllConnections();
  expect((await client.state('127.0.0.1', 1000)).kind).toBe('unreachable');
});
