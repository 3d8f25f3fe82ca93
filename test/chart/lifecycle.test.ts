/**
 * A release from its install to its end, as people handle it: with both Helms, as text that is
 * applied, under a policy that is enforced. Needs a cluster: `scripts/cluster up`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { chart, kubeconfig, outcomeOf, outputOf } from './tool.ts';

const lifeMs = 600_000;
const withCluster = kubeconfig === null ? describe.skip : describe;
const folder = mkdtempSync(join(tmpdir(), 'regent-life-'));
const set = 'life-redis';

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A namespace in which Pod Security refuses every pod that is not restricted. */
class Place {
  readonly namespace: string;
  readonly where: readonly string[];

  constructor(name: string) {
    this.namespace = `${name}-${process.pid}`;
    this.where = ['--namespace', this.namespace];
  }

  async make(): Promise<void> {
    await outputOf('kubectl', ['create', 'namespace', this.namespace]);
    const level = 'pod-security.kubernetes.io/enforce=restricted';
    await outputOf('kubectl', ['label', 'namespace', this.namespace, level]);
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    return (await outputOf('kubectl', [...args, ...this.where])).trim();
  }

  /** Name of the pod that leads, from the Lease. */
  async leader(): Promise<string> {
    const holder = '--output=jsonpath={.spec.holderIdentity}';
    const [pod = ''] = (await this.kubectl('get', 'lease', `${set}-leader`, holder)).split('/');
    return pod;
  }

  /** Deletes the pod that leads, and waits until another one does. */
  async moveLeader(): Promise<void> {
    const former = await this.leader();
    await this.kubectl('delete', 'pod', former);
    while ((await this.leader()) === former) await new Promise((go) => setTimeout(go, 500));
  }

  /** What Redis answers through the leader's Service, asked from the first pod. */
  async redis(...command: readonly string[]): Promise<string> {
    const script = `REDISCLI_AUTH=$0 exec redis-cli -e -h ${set}-master "$@"`;
    const encoded = ['get', 'secret', set, '--output=jsonpath={.data.redis-password}'];
    const password = Buffer.from(await this.kubectl(...encoded), 'base64').toString();
    const shell = ['exec', `${set}-node-0`, '-c', 'redis', '--', 'sh', '-c', script];
    return (await outputOf('kubectl', [...this.where, ...shell, password, ...command])).trim();
  }

  /** The names of all objects, but for what Kubernetes itself puts into every namespace. */
  async objects(): Promise<readonly string[]> {
    const kinds = await outputOf('kubectl', [
      'api-resources',
      '--verbs=list',
      '--namespaced',
      '--output=name',
    ]);
    const own = kinds
      .trim()
      .split('\n')
      .filter((kind) => !/^(events|.*\.metrics\.k8s\.io)/.test(kind));
    const names = await this.kubectl('get', own.join(','), '--output=name', '--ignore-not-found');
    return names
      .split('\n')
      .filter((name) => !/^(configmap\/kube-root-ca.crt|serviceaccount\/default|)$/.test(name))
      .sort();
  }
}

withCluster('a release', () => {
  const places = new Map<string, Place>();
  const place = (name: string): Place => {
    const known = places.get(name) ?? new Place(name);
    places.set(name, known);
    return known;
  };

  beforeAll(async () => {
    for (const name of ['helm', 'helm3', 'applied', 'policy']) await place(name).make();
  }, lifeMs);

  afterAll(async () => {
    for (const { namespace } of places.values()) {
      await outcomeOf('kubectl', ['delete', 'namespace', namespace, '--wait=false']);
    }
  }, lifeMs);

  test.concurrent.each(['helm', 'helm3'])(
    'of %s is changed, scaled, rolled back after leaders have moved, and leaves its claims alone',
    async (helm) => {
      const here = place(helm);
      const run = async (verb: string, ...rest: readonly string[]): Promise<string> =>
        outputOf(helm, [verb, 'life', ...rest, ...here.where, '--wait', '--timeout=300s']);
      await run('install', chart);
      expect(await here.redis('SET', 'kept', 'yes')).toBe('OK');
      await here.moveLeader();
      const changed = ['--set', 'replica.replicaCount=2', '--set', 'master.podLabels.a=b'];
      await run('upgrade', chart, '--reuse-values', ...changed);
      const pods = ['get', 'pods', '--selector=app.kubernetes.io/component=node', '--output=name'];
      expect((await here.kubectl(...pods)).split('\n')).toHaveLength(2);
      expect(await here.redis('GET', 'kept')).toBe('yes');
      await here.moveLeader();
      await run('rollback', '1');
      expect((await here.kubectl(...pods)).split('\n')).toHaveLength(3);
      expect(await here.redis('GET', 'kept')).toBe('yes');
      await run('uninstall');
      await here.kubectl('wait', 'pods', '--all', '--for=delete', '--timeout=120s');
      const claims = [0, 1, 2].map((n) => `persistentvolumeclaim/redis-data-${set}-node-${n}`);
      expect(await here.objects()).toEqual(claims);
    },
    lifeMs,
  );

  test.concurrent(
    'that is rendered and applied, as Argo CD does, is applied again after the leader has moved',
    async () => {
      const here = place('applied');
      for (const [name, key] of [
        [set, 'redis-password'],
        [`${set}-peers`, 'peer-secret'],
      ] as const) {
        await here.kubectl('create', 'secret', 'generic', name, `--from-literal=${key}=chosen`);
      }
      const secrets = ['--set', `auth.existingSecret=${set},agent.existingSecret=${set}-peers`];
      const apply = async (mark: string, ...how: readonly string[]): Promise<void> => {
        const marked = ['--set', `master.podAnnotations.mark=${mark}`, '--skip-tests'];
        const text = await outputOf('helm', [
          'template',
          'life',
          chart,
          ...here.where,
          ...secrets,
          ...marked,
        ]);
        const file = join(folder, `${mark}.yaml`);
        writeFileSync(file, text);
        await here.kubectl('apply', '--filename', file, ...how);
        await here.kubectl('rollout', 'status', `statefulset/${set}-node`, '--timeout=300s');
      };
      await apply('first');
      expect(await here.redis('SET', 'kept', 'yes')).toBe('OK');
      await here.moveLeader();
      await apply('second');
      await here.moveLeader();
      await apply('third', '--server-side', '--force-conflicts');
      expect(await here.redis('GET', 'kept')).toBe('yes');
    },
    lifeMs,
  );

  test.concurrent(
    'lets in whom its policy names, keeps agents to themselves, and may do little',
    async () => {
      const here = place('policy');
      const closed = ['--values', join(chart, 'ci/restricted-values.yaml')];
      await outputOf('helm', [
        'install',
        'life',
        chart,
        ...closed,
        ...here.where,
        '--wait',
        '--timeout=300s',
      ]);
      const restricted = {
        runAsNonRoot: true,
        runAsUser: 999,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      };
      for (const [name, label] of [
        ['friend', 'true'],
        ['stranger', 'false'],
      ] as const) {
        const image = 'docker.io/library/redis:8.0.2';
        const container = { name, image, command: ['sleep', '600'], securityContext: restricted };
        const metadata = { name, labels: { [`${set}-client`]: label } };
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } };
        const file = join(folder, `${name}.json`);
        writeFileSync(file, JSON.stringify(pod));
        await here.kubectl('apply', '--filename', file);
      }
      await here.kubectl(
        'wait',
        'pod/friend',
        'pod/stranger',
        '--for=condition=Ready',
        '--timeout=120s',
      );
      // A policy lets a connection be refused, or leaves it without an answer: 124 by `timeout`.
      const reaches = async (who: string, host: string, port: number): Promise<boolean> => {
        const ask = ['timeout', '5', 'redis-cli', '-h', host, '-p', String(port), 'PING'];
        const { code, complaint } = await outcomeOf('kubectl', [
          ...['exec', who, ...here.where, '--', ...ask],
        ]);
        return code !== 124 && !complaint.includes('Could not connect');
      };
      const pod = `${set}-node-0.${set}-headless`;
      expect(await reaches('friend', `${set}-master`, 6379)).toBe(true);
      expect(await reaches('stranger', `${set}-master`, 6379)).toBe(false);
      expect(await reaches('friend', pod, 8377)).toBe(false);
      expect(await reaches(`${set}-node-1`, pod, 8377)).toBe(true);

      const account = `--as=system:serviceaccount:${here.namespace}:${set}`;
      const may = async (verb: string, what: string): Promise<boolean> =>
        (await outcomeOf('kubectl', ['auth', 'can-i', verb, what, account, ...here.where])).code ===
        0;
      expect(await may('update', `leases.coordination.k8s.io/${set}-leader`)).toBe(true);
      expect(await may('patch', `pods/${set}-node-2`)).toBe(true);
      // Of a pod that is scaled away the Role is changed before it ends.
      expect(await may('get', `pods/${set}-node-3`)).toBe(true);
      for (const [verb, what] of [
        ['get', 'secrets'],
        ['list', 'pods'],
        ['get', 'pods/other-redis-node-0'],
        ['patch', 'pods/other-redis-node-0'],
        ['delete', `pods/${set}-node-0`],
        ['update', 'leases.coordination.k8s.io/other'],
        ['update', 'endpointslices.discovery.k8s.io/other'],
        ['patch', 'services'],
      ] as const) {
        expect({ verb, what, may: await may(verb, what) }).toEqual({ verb, what, may: false });
      }
    },
    lifeMs,
  );
});
