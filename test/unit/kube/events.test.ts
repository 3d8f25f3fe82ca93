import { expect, test } from '@jest/globals';
import { KubeClient } from '../../../agent/kube/client.ts';
import { Events } from '../../../agent/kube/events.ts';
import { FailingApiServer, send } from './api-server.ts';

test('Events wait while a failover goes on, and are all sent before the process ends', async () => {
  const server = await FailingApiServer.start();
  server.answer = (_seen, response) => {
    send(response, 201, {});
  };
  const client = await KubeClient.load(server.kubeconfig(), 2000);
  const lost: string[] = [];
  const events = new Events({
    client,
    namespace: 'default',
    pod: { name: 'node-0', uid: 'uid-0' },
    onLost: (reason) => lost.push(reason),
  });
  const tell = (reason: string): void => {
    events.tell({ type: 'Normal', reason, action: reason, note: 'why' });
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
  await server.end();
});
