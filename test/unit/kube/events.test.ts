import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KubeClient } from '../../../agent/kube/client.ts';
import { Events } from '../../../agent/kube/events.ts';
import { FailingApiServer, send } from './api-server.ts';

let server: FailingApiServer;
let client: KubeClient;
let lost: string[];
let events: Events;

beforeEach(async () => {
  server = await FailingApiServer.start();
  client = await KubeClient.load(server.kubeconfig(), 2000);
  lost = [];
  events = new Events({
    client,
    namespace: 'default',
    pod: { name: 'node-0', uid: 'uid-0' },
    onLost: (reason) => lost.push(reason),
  });
});

afterEach(async () => {
  await server.end();
});

function tell(reason: string): void {
  events.tell({ type: 'Normal', reason, action: reason, note: 'why' });
}

test('Events wait while a failover goes on, and are all sent before the process ends', async () => {
  server.answer = (_seen, response) => {
    send(response, 201, {});
  };
  tell('HandedOver');
  tell('BecameLeader');
  // Another request that is begun now goes first.
  await client.request({ method: 'PUT', path: '/lease', body: {} });
  expect(server.seen.map(({ method }) => method)).toEqual(['PUT']);
  await events.settled(5000);
  const told = server.seen
    .slice(1)
    .map(({ body }) => (JSON.parse(body) as { reason: string }).reason);
  expect(told).toEqual(['HandedOver', 'BecameLeader']);
  expect(lost).toEqual([]);
});

test('a process that ends waits for no Event that is not answered', async () => {
  server.answer = () => undefined;
  tell('HandedOver');
  await events.settled(50);
  expect(server.seen.map(({ method }) => method)).toEqual(['POST']);
  expect(lost).toEqual([]);
});
