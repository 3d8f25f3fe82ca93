import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { loadYaml } from '@kubernetes/client-node';
import type { V1ConfigMap, V1Secret, V1StatefulSet } from '@kubernetes/client-node';

import { root } from '../../scripts/environment.ts';
import { schemaOf, typeSchema } from '../../scripts/values-schema.ts';
import { verdictOn } from '../../scripts/values-from-bitnami.ts';
import type { Schema, Value } from '../../scripts/values-schema.ts';
import { refusalOf, render, setOptions } from './rendering.ts';
import type { Values } from './rendering.ts';
import { outcomeOf } from './tool.ts';

test('README, schema and lock are what the comments of the values say', async () => {
  const outcome = await outcomeOf('node', ['scripts/docs.ts', '--check']);
  expect(outcome).toEqual({ code: 0, output: '', complaint: '' });
});

test('both copies of the lock are equal, and Helm finds the library chart that it names', async () => {
  const locks = ['chart/Chart.lock', 'Chart.lock'].map((path) => readFileSync(join(root, path)));
  expect(locks[1]).toEqual(locks[0]);
  const { output } = await outcomeOf('helm', ['dependency', 'list', 'chart']);
  expect(output).toMatch(/common\s+0\.1\.0\s+unpacked/);
});

test('every refused value is refused with its hint, all in one go', async () => {
  const text = readFileSync(join(root, 'chart/refused-values.json'), 'utf8');
  const refused = JSON.parse(text) as Readonly<Record<string, string>>;
  const values = Object.fromEntries(Object.keys(refused).map((path) => [path, true]));
  const refusal = await refusalOf(values);
  for (const [path, hint] of Object.entries(refused)) {
    const line = refusal.split('\n').find((one) => one.includes(`'/${path.replaceAll('.', '/')}'`));
    expect(line ?? `${path} is not refused`).toContain(hint);
  }
});

const bitnamiKeys = JSON.parse(
  readFileSync(join(root, 'test/chart/bitnami-keys.json'), 'utf8'),
) as readonly string[];

test('every value of bitnami/redis is honoured, or taken or refused with a sentence', () => {
  const text = readFileSync(join(root, 'chart/values.schema.json'), 'utf8');
  const schema = JSON.parse(text) as Schema;
  const unknown = bitnamiKeys.filter((path) => verdictOn(path, schema).kind === 'unknown');
  expect(unknown).toEqual([]);
  expect(bitnamiKeys.length).toBeGreaterThan(500);
  expect(verdictOn('master.persistence.sise', schema).kind).toBe('unknown');
});

test('a refused value that is empty is taken, as values files are copied whole', async () => {
  const values = { 'master.command': [], 'sentinel.image': {}, 'pdb': null, 'kubeVersion': '' };
  const objects = await render(setOptions(values));
  expect(objects.some((object) => object.kind === 'StatefulSet')).toBe(true);
});

test('master and replica have the same values for the pods, and each has a default', () => {
  const values = loadYaml(readFileSync(join(root, 'chart/values.yaml'), 'utf8'));
  const { master, replica } = values as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const template = readFileSync(join(root, 'chart/templates/_pod-values.tpl'), 'utf8');
  const [, text = ''] =
    /define "regent.pod.defaults" -}}([^{]*(?:{}[^{]*)*){{/.exec(template) ?? [];
  const defaults = Object.keys(loadYaml(text)).sort();
  const except = (group: object | undefined, own: readonly string[]): readonly string[] =>
    Object.keys(group ?? {})
      .filter((key) => !own.includes(key))
      .sort();
  expect(except(master, ['count', 'kind', 'service'])).toEqual(defaults);
  expect(except(replica, ['replicaCount', 'podManagementPolicy', 'service'])).toEqual(defaults);
});

/** The values that users of bitnami/redis write most, in the order of how often they do. */
const mostWritten: Values = {
  'auth.enabled': true,
  'master.persistence.enabled': true,
  'architecture': 'replication',
  'metrics.enabled': true,
  'sentinel.enabled': true,
  'metrics.serviceMonitor.enabled': true,
  'replica.persistence.enabled': true,
  'replica.replicaCount': 3,
  'sentinel.masterSet': 'mymaster',
  'auth.sentinel': false,
  'master.persistence.size': '2Gi',
  'image.repository': 'library/redis',
  'master.resources': { limits: { memory: '1Gi' } },
  'sentinel.getMasterTimeout': 10,
  'sentinel.persistence.enabled': true,
  'auth.password': 'chosen',
  'metrics.serviceMonitor.interval': '1m',
  'sentinel.startupProbe.failureThreshold': 30,
  'image.tag': '8.0.2',
  'image.registry': 'docker.io',
  'global.storageClass': 'fast',
  'networkPolicy.enabled': true,
  'replica.resources': { limits: { memory: '1Gi' } },
  'replica.persistence.size': '2Gi',
  'master.persistence.storageClass': 'faster',
  'sentinel.resources': { limits: { memory: '64Mi' } },
  'commonConfiguration': 'maxmemory 512mb',
  'master.service.type': 'ClusterIP',
  'master.resourcesPreset': 'small',
  'fullnameOverride': 'cache',
  'metrics.resources': { limits: { memory: '64Mi' } },
  'networkPolicy.allowExternal': false,
  'global.security.allowInsecureImages': true,
  'master.nodeSelector': { disk: 'ssd' },
  'master.service.ports.redis': 6390,
  'global.imageRegistry': 'mirror.example',
  'metrics.image.registry': 'docker.io',
  'metrics.image.repository': 'oliver006/redis_exporter',
  'replica.nodeSelector': { disk: 'ssd' },
  'replica.resourcesPreset': 'small',
  'tls.enabled': false,
  'image.pullPolicy': 'Always',
  'master.disableCommands': ['FLUSHALL'],
  'master.persistence.accessModes': ['ReadWriteOncePod'],
  'master.service.annotations': { zone: 'a' },
  'metrics.resourcesPreset': 'nano',
};

test('a values file with all that users of bitnami/redis write most is taken', async () => {
  const objects = await render(setOptions(mostWritten));
  const named = (kind: string, name: string): unknown =>
    objects.find((object) => object.kind === kind && object.metadata?.name === name);
  const set = named('StatefulSet', 'cache-node') as V1StatefulSet;
  const pod = set.spec?.template.spec;
  expect(pod?.nodeSelector).toEqual({ disk: 'ssd' });
  expect(pod?.containers[0]).toMatchObject({
    image: 'mirror.example/library/redis:8.0.2',
    imagePullPolicy: 'Always',
    resources: { limits: { memory: '1Gi' } },
  });
  expect(set.spec?.volumeClaimTemplates?.[0]?.spec).toEqual({
    accessModes: ['ReadWriteOncePod'],
    resources: { requests: { storage: '2Gi' } },
    storageClassName: 'faster',
  });
  const configuration = named('ConfigMap', 'cache-configuration') as V1ConfigMap;
  expect(configuration.data?.['redis.conf']).toContain('maxmemory 512mb');
  expect(configuration.data?.['redis.conf']).not.toContain('FLUSHDB');
  const secret = named('Secret', 'cache') as V1Secret;
  expect(secret.data?.['redis-password']).toBe(Buffer.from('chosen').toString('base64'));
  expect(named('Service', 'cache-master')).toMatchObject({
    metadata: { annotations: { zone: 'a' } },
    spec: { type: 'ClusterIP', ports: [{ port: 6390 }] },
  });
  expect(named('ServiceMonitor', 'cache')).toMatchObject({
    spec: { endpoints: [{ interval: '1m' }, {}] },
  });
});

test.each([
  ['bool', { type: 'boolean' }],
  ['int 1..65535', { type: 'integer', minimum: 1, maximum: 65_535 }],
  ['int 0..', { type: 'integer', minimum: 0 }],
  ['int 1..|null', { type: ['integer', 'null'], minimum: 1 }],
  ['bool|null', { type: ['boolean', 'null'] }],
  ['soft|hard|""', { enum: ['soft', 'hard', ''] }],
  ['2xlarge|1|true', { enum: ['2xlarge', 1, true] }],
  ['soft|null', { anyOf: [{ enum: ['soft'] }, { type: 'null' }] }],
])('the type %s allows %j', (type, schema) => {
  expect(typeSchema(type)).toEqual(schema);
});

test('the schema is closed everywhere but where a parent chart has its say', () => {
  const value = (path: string): Value => ({ path, type: 'bool', default: '', meaning: 'x' });
  const schema = schemaOf([value('a.b.c'), value('global.d')], { 'a.e.enabled': 'left false: x' });
  expect(schema.additionalProperties).toBe(false);
  const { a, global } = schema.properties ?? {};
  expect(a?.additionalProperties).toBe(false);
  expect(a?.properties?.['b']?.additionalProperties).toBe(false);
  expect(a?.properties?.['e']?.additionalProperties).toBeUndefined();
  expect(global?.additionalProperties).toBeUndefined();
});
