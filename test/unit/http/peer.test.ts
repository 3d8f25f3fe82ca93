import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { V1Lease } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PeerClient } from '../../../agent/http/peer.ts';

/** Whatever listens at a peer's address; `answer` is what it does this time. */
let stranger: Server;
let client: PeerClient;
let answer: (response: ServerResponse) => void;
let heard: IncomingMessage[];

beforeEach(async () => {
  heard = [];
  stranger = createServer((question, response) => {
    heard.push(question);
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  client = new PeerClient({ port, peerSecret: () => Promise.resolve('secret') });
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
