import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { V1EndpointSlice } from '@kubernetes/client-node';
import { KubeClient } from '../../../agent/kube/client.ts';
import { SliceStore } from '../../../agent/kube/endpoint-slice.ts';
import { FailingApiServer, send } from './api-server.ts';

let server: FailingApiServer;
let store: SliceStore;

beforeEach(async () => {
  server = await FailingApiServer.start();
  store = new SliceStore(await KubeClient.load(server.kubeconfig(), 2000), {
    namespace: 'default',
    service: 'set-master',
    ports: [{ name: 'tcp-redis', port: 6379 }],
    pod: { name: 'set-node-0', uid: 'u0', nodeName: null },
    labels: {},
    owner: null,
  });
});

afterEach(async () => {
  await server.end();
});

const endpoint = { addresses: ['10.0.0.1'], conditions: { ready: true } };

/** The slice as the leader of term 3 at 10.0.0.1 wrote it, with something changed. */
function aSlice(change: Partial<V1EndpointSlice> = {}): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'set-master-regent',
      resourceVersion: '7',
      labels: { 'kubernetes.io/service-name': 'set-master' },
      annotations: { 'regent.dev/term': '3' },
    },
    addressType: 'IPv4',
    endpoints: [endpoint],
    ports: [{ name: 'tcp-redis', port: 6379, protocol: 'TCP' }],
    ...change,
  };
}

function holds(slice: object): void {
  server.answer = (_seen, response) => {
    send(response, 200, slice);
  };
}

test('a slice as it was written leads to its address', async () => {
  holds(aSlice());
  expect(await store.read()).toEqual({ kind: 'ok', route: { term: 3, address: '10.0.0.1' } });
});

test.each<[string, Partial<V1EndpointSlice>]>([
  // The API server says so of lists without entries, whatever the type says.
  ['no endpoints', { endpoints: null as never }],
  ['no ports', { ports: null as never }],
  ['a second endpoint', { endpoints: [endpoint, { addresses: ['10.0.0.9'] }] }],
  ['a second address', { endpoints: [{ ...endpoint, addresses: ['10.0.0.1', '10.0.0.9'] }] }],
  ['an endpoint that is not ready', { endpoints: [{ ...endpoint, conditions: { ready: false } }] }],
  ['no endpoint', { endpoints: [] }],
  ['another port', { ports: [{ name: 'tcp-redis', port: 6380 }] }],
  ['another name of the port', { ports: [{ name: 'redis', port: 6379 }] }],
  ['a port more', { ports: [{ name: 'tcp-redis', port: 6379 }, { port: 1 }] }],
  [
    'another Service',
    {
      metadata: {
        annotations: { 'regent.dev/term': '3' },
        labels: { 'kubernetes.io/service-name': 'other' },
      },
    },
  ],
])('a slice that was changed by hand to have %s leads nowhere', async (_name, change) => {
  holds(aSlice(change));
  expect(await store.read()).toEqual({ kind: 'ok', route: { term: 3, address: null } });
});

test('a slice that was deleted is no route, and the next write creates it', async () => {
  holds(aSlice());
  await store.read();
  server.answer = (_seen, response) => {
    send(response, 404, {});
  };
  expect(await store.read()).toEqual({ kind: 'ok', route: null });
  holds(aSlice());
  await store.write({ term: 3, address: '10.0.0.1' });
  expect(server.seen.at(-1)).toMatchObject({ method: 'POST' });
});

test('a slice of a higher term is left alone', async () => {
  holds(aSlice());
  await store.read();
  const before = server.seen.length;
  const result = await store.write({ term: 2, address: '10.0.0.2' });
  expect(result).toEqual({ kind: 'superseded', route: { term: 3, address: '10.0.0.1' } });
  expect(server.seen).toHaveLength(before);
});
