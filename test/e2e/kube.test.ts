import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { V1MicroTime, type V1Lease, type V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { KubeClient } from '../../agent/kube/client.ts';
import { SliceStore, type SliceOptions } from '../../agent/kube/endpoint-slice.ts';
import { Events } from '../../agent/kube/events.ts';
import { LeaseStore } from '../../agent/kube/lease-store.ts';
import { LeaseWatch } from '../../agent/kube/lease-watch.ts';
import { PodStore } from '../../agent/kube/pod.ts';
import { Cluster } from '../../scripts/experiment/cluster.ts';

jest.setTimeout(120_000);

const kubeconfig = process.env['KUBECONFIG'] ?? '';
const namespace = 'e2e-kube';
const cluster = new Cluster({ kubeconfig, context: null }, namespace);
const folder = mkdtempSync(join(tmpdir(), 'regent-e2e-kube-'));
let client: KubeClient;

/** A pod that no machine takes: enough to be read, labelled and named. */
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'it-node-0' },
  spec: { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'c', image: 'none/none:1' }] },
};

beforeAll(async () => {
  if (kubeconfig === '') throw new Error('KUBECONFIG is not set; scripts/test sets it');
  await cluster.kubectl(['delete', 'namespace', namespace, '--ignore-not-found']);
  await cluster.createNamespace();
  await cluster.apply([
    pod,
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'it-master' },
      spec: { ports: [{ name: 'tcp-redis', port: 6379 }] },
    },
  ]);
  client = await KubeClient.load(kubeconfig, 5000);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

function aLease(name: string): V1Lease {
  return {
    metadata: { name, namespace, annotations: { 'regent.dev/term': '1' } },
    spec: { holderIdentity: 'it-node-0/u', leaseDurationSeconds: 6, leaseTransitions: 1 },
  };
}

test('of two writes made from the same version of a Lease one is done', async () => {
  const store = new LeaseStore(client, { namespace, name: 'swapped' });
  expect(await store.get()).toEqual({ kind: 'absent' });
  const created = await store.create(aLease('swapped'));
  if (created.kind !== 'ok') throw new Error(created.kind);
  expect(await store.create(aLease('swapped'))).toEqual({ kind: 'conflict' });

  const { lease } = created;
  lease.spec!.renewTime = new V1MicroTime(1_795_000_000_123);
  const results = await Promise.all([store.update(lease), store.update(lease)]);
  // Equal writes may both be done: what counts is that a later one is not.
  expect(results.map(({ kind }) => kind)).toContain('ok');
  lease.spec!.leaseTransitions = 2;
  expect(await store.update(lease)).toEqual({ kind: 'conflict' });
  const last = await store.get();
  expect(last).toMatchObject({ lease: { spec: { leaseTransitions: 1 } } });
  if (last.kind === 'ok') {
    expect(last.lease.spec?.renewTime?.getTime()).toBe(1_795_000_000_123);
  }
});

test('a watch tells of creation, change and deletion', async () => {
  const where = { namespace, name: 'watched' };
  const store = new LeaseStore(client, where);
  const told: (number | null)[] = [];
  const versions: number[] = [];
  const watch = new LeaseWatch({
    ...{ client, where, silenceMs: 60_000, onRead: () => undefined, onAlive: () => undefined },
    onLease: (lease) => told.push(lease.spec?.leaseTransitions ?? null),
    onAbsence: (version) => {
      versions.push(Number(version));
      told.push(null);
    },
    onFailure: (failure) => {
      throw new Error(JSON.stringify(failure));
    },
  });
  const becomes = async (count: number): Promise<void> => {
    const untilMs = performance.now() + 30_000;
    while (told.length < count) {
      if (performance.now() > untilMs) throw new Error(`told: ${JSON.stringify(told)}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  };
  watch.start();
  await becomes(1);
  const created = await store.create(aLease('watched'));
  if (created.kind !== 'ok') throw new Error(created.kind);
  await becomes(2);
  created.lease.spec!.leaseTransitions = 2;
  const updated = await store.update(created.lease);
  await becomes(3);
  await cluster.kubectl(['delete', 'lease', 'watched']);
  await becomes(4);
  watch.end();
  expect(told).toEqual([null, 1, 2, null]);
  // A keeper tells by them what is news.
  const [before = NaN, after = NaN] = versions;
  const last = updated.kind === 'ok' ? updated.lease.metadata?.resourceVersion : undefined;
  expect(Number(created.lease.metadata?.resourceVersion)).toBeGreaterThan(before);
  expect(after).toBeGreaterThan(Number(last));
});

function aSlice(): SliceStore {
  const options: SliceOptions = {
    namespace,
    service: 'it-master',
    ports: [{ name: 'tcp-redis', port: 6379 }],
    pod: { name: 'it-node-0', uid: 'u', nodeName: null },
    labels: {},
    owner: null,
  };
  return new SliceStore(client, options);
}

test('the slice follows the highest term, whoever writes last', async () => {
  const [old, young] = [aSlice(), aSlice()];
  expect(await old.read()).toEqual({ kind: 'ok', route: null });
  const first = { term: 1, address: '10.9.0.1' };
  const second = { term: 2, address: '10.9.0.2' };
  expect(await old.write(first)).toEqual({ kind: 'ok', route: first });
  // It has never read the slice that it replaces.
  expect(await young.write(second)).toEqual({ kind: 'ok', route: second });
  // It believes that the slice is its own still.
  expect(await old.write(first)).toEqual({ kind: 'superseded', route: second });

  await cluster.kubectl(['delete', 'endpointslice', 'it-master-regent']);
  expect(await young.write(second)).toEqual({ kind: 'ok', route: second });
  await cluster.kubectl(['annotate', 'endpointslice', 'it-master-regent', 'mine=kept']);
  const third = { term: 3, address: 'fd00::3' };
  // Kubernetes allows no other family of addresses in the same slice.
  expect((await young.write(third)).kind).toBe('refused');
  const fourth = { term: 4, address: '10.9.0.4' };
  expect(await young.write(fourth)).toEqual({ kind: 'ok', route: fourth });
  const slice = await cluster.read<object>('endpointslice', 'it-master-regent');
  expect(slice).toMatchObject({
    metadata: {
      annotations: { 'regent.dev/term': '4', 'mine': 'kept' },
      labels: {
        'kubernetes.io/service-name': 'it-master',
        'endpointslice.kubernetes.io/managed-by': 'regent',
      },
    },
    endpoints: [{ addresses: ['10.9.0.4'], targetRef: { kind: 'Pod', name: 'it-node-0' } }],
    ports: [{ name: 'tcp-redis', port: 6379 }],
  });
});

test('the own pod is read, and labelled without touching anything else', async () => {
  const own = new PodStore(client, { namespace, name: 'it-node-0' });
  expect(await own.read()).toMatchObject({
    kind: 'ok',
    pod: { nodeName: null, owner: null, graceSeconds: null, address: null },
  });
  const uid = (await cluster.read<V1Pod>('pod', 'it-node-0'))?.metadata?.uid ?? '';
  expect(await own.deletion(uid)).toEqual({ kind: 'none' });
  expect(await own.deletion('of a pod before')).toEqual({ kind: 'deleted', graceSeconds: 0 });
  const nobody = new PodStore(client, { namespace, name: 'it-node-9' });
  expect(await nobody.deletion(uid)).toEqual({ kind: 'deleted', graceSeconds: 0 });
  for (const role of ['primary', 'replica'] as const) {
    expect(await own.setRole(role)).toMatchObject({ kind: 'ok' });
    const labelled = await cluster.read<V1Pod>('pod', 'it-node-0');
    expect(labelled?.metadata?.labels).toEqual({ 'regent.dev/role': role });
    expect(labelled?.spec?.containers).toMatchObject(pod.spec.containers);
  }
  const absent = new PodStore(client, { namespace, name: 'it-node-9' });
  expect(await absent.read()).toEqual({ kind: 'absent' });
});

test('a pod that is gone, or whose name another has, is replaced', async () => {
  const own = new PodStore(client, { namespace, name: 'it-node-0' });
  const uid = (await cluster.read<V1Pod>('pod', 'it-node-0'))?.metadata?.uid;
  expect(await own.isReplaced(uid!)).toBe(false);
  expect(await own.isReplaced('another')).toBe(true);
  expect(await new PodStore(client, { namespace, name: 'it-node-9' }).isReplaced('u')).toBe(true);
});

test('an Event is written, and one that Kubernetes refuses is told as lost', async () => {
  const lost: string[] = [];
  const target = { name: 'it-node-0', uid: 'u' };
  const onLost = (reason: string): void => {
    lost.push(reason);
  };
  const events = new Events({ client, namespace, pod: target, onLost });
  const happening = { type: 'Normal', action: 'Promote' } as const;
  events.tell({ ...happening, reason: 'Promoted', note: 'x'.repeat(5000) });
  events.tell({ ...happening, reason: 'y'.repeat(200), note: 'too long a reason' });
  await events.settled(5000);
  expect(lost).toEqual(['y'.repeat(200)]);
  const listed = await cluster.kubectl(['get', 'events', '--output=jsonpath={.items[*].reason}']);
  expect(listed.split(' ')).toContain('Promoted');
});

test('without permission every request is refused in words', async () => {
  const token = (await cluster.kubectl(['create', 'token', 'nobody'])).trim();
  const words = ['config', 'view', '--raw', '--minify', '--output=json'];
  const config = JSON.parse(await cluster.kubectl(words)) as Record<string, object[]>;
  const file = join(folder, 'nobody');
  const users = (config['users'] ?? []).map((user) => ({ ...user, user: { token } }));
  writeFileSync(file, JSON.stringify({ ...config, users }));
  const nobody = await KubeClient.load(file, 5000);
  const store = new LeaseStore(nobody, { namespace, name: 'forbidden' });
  const own = new PodStore(nobody, { namespace, name: 'it-node-0' });
  for (const result of [await store.get(), await store.create(aLease('x')), await own.read()]) {
    expect(result).toMatchObject({ kind: 'refused', status: 403 });
    expect(result).toMatchObject({ message: expect.stringContaining('forbidden') });
  }
});

test('a server that is not the one of the certificate authority is not talked to', async () => {
  const words = ['config', 'view', '--raw', '--minify', '--output=json'];
  const config = JSON.parse(await cluster.kubectl(words)) as {
    clusters: { name: string; cluster: { server: string } }[];
  };
  const file = join(folder, 'untrusted');
  const clusters = config.clusters.map(({ name, cluster: { server } }) => ({
    name,
    cluster: { server },
  }));
  writeFileSync(file, JSON.stringify({ ...config, clusters }));
  const untrusting = await KubeClient.load(file, 5000);
  const store = new LeaseStore(untrusting, { namespace, name: 'x' });
  expect((await store.get()).kind).toBe('unreachable');
});
