/**
 * Changes each value alone and looks whether anything that is rendered changes. A value that
 * changes nothing is a promise that the chart does not keep.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { root } from '../../scripts/environment.ts';
import type { Schema } from '../../scripts/values-schema.ts';
import { renderText, setOptions } from './rendering.ts';
import type { Values } from './rendering.ts';

const manyMs = 900_000;

interface Leaf {
  readonly path: string;
  readonly schema: Schema;
}

const rootSchema = JSON.parse(
  readFileSync(join(root, 'chart/values.schema.json'), 'utf8'),
) as Schema;

function leaves(schema: Schema, path: readonly string[] = []): readonly Leaf[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
    inner.properties === undefined
      ? [{ path: [...path, key].join('.'), schema: inner }]
      : leaves(inner, [...path, key]),
  );
}

/** Values that say of themselves that they change nothing, and keys of parent charts. */
const withoutEffect =
  /^(Accepted|No effect|A parent chart's|Values of the library|left )|No effect:|is always read/;

/** `replica` has the values of the pods once more; another test holds the two lists equal. */
const ownOfReplica = /^replica\.(replicaCount|service\.)/;

/** Everything on, so that most values have something to change. */
const full: Values = {
  'auth.password': 'known',
  // A bundle that is built anew meanwhile would change what is rendered.
  'agent.image.builtIn': true,
  'metrics.enabled': true,
  'metrics.serviceMonitor.enabled': true,
  'metrics.podMonitor.enabled': true,
  'metrics.prometheusRule.enabled': true,
  'metrics.dashboard.enabled': true,
  'networkPolicy.allowExternal': false,
  'networkPolicy.allowExternalEgress': false,
  'networkPolicy.metrics.allowExternal': false,
  'networkPolicy.ingressNSMatchLabels': { a: 'b' },
  'networkPolicy.metrics.ingressNSMatchLabels': { a: 'b' },
  'serviceBindings.enabled': true,
  'volumePermissions.enabled': true,
  'master.persistentVolumeClaimRetentionPolicy.enabled': true,
  'master.nodeAffinityPreset': { type: 'soft', key: 'k', values: ['v'] },
  'master.service': { type: 'LoadBalancer', sessionAffinity: 'ClientIP' },
  'replica.service': { type: 'LoadBalancer', sessionAffinity: 'ClientIP' },
};

/** Where a value may have its effect: tried in turn. */
const contexts: readonly Values[] = [
  full,
  { ...full, architecture: 'standalone' },
  { ...full, 'master.persistence.enabled': false },
  { ...full, 'diagnosticMode.enabled': true },
  {
    ...full,
    'auth.password': '',
    'auth.existingSecret': 'theirs',
    'serviceBindings.enabled': false,
  },
  { ...full, 'serviceAccount.create': false },
  { ...full, 'auth.acl': { enabled: true, users: [{ username: 'app' }] } },
  { ...full, 'tls.enabled': true, 'tls.existingSecret': 'theirs' },
  {
    ...full,
    'tls.enabled': true,
    'tls.certManager': { enabled: true, issuerRef: { name: 'ours' } },
  },
];

/** Two values of a type, of which at least one is not the default. */
function examples({ path, schema }: Leaf): readonly unknown[] {
  if (schema.enum !== undefined) return schema.enum;
  if (schema.anyOf !== undefined)
    return schema.anyOf.flatMap((one) => examples({ path, schema: one }));
  const types = [schema.type].flat();
  if (types.includes('boolean')) return [true, false];
  if (types.includes('integer')) return [Math.max(schema.minimum ?? 0, 1234)];
  if (types.includes('array')) return [[exampleItem(path)]];
  if (types.includes('object')) return [{ example: 'value' }];
  return ['example'];
}

function exampleItem(path: string): unknown {
  const isText =
    /(command|args|commands|flags|modes|names|values|ranges|ips|pullsecrets|podtargetlabels)$/i;
  return isText.test(path) ? 'EXAMPLE' : { name: 'example', kind: 'Example', apiVersion: 'v1' };
}

/** Paths that need another example, because the chart looks closer than the schema can. */
const chosen: Values = {
  'failover.renewPeriodMs': 1000,
  'failover.requestTimeoutMs': 1000,
  'failover.leaseDurationSeconds': 7,
  'failover.fenceDeadlineMs': 4000,
  'failover.fenceTimeoutMs': 600,
  'failover.replicaLagSeconds': 3,
  'failover.promiseMs': 5500,
  'replica.replicaCount': 4,
  'rbac.rules': [{ apiGroups: [''], resources: ['example'], verbs: ['get'] }],
};

const baselines = new Map<Values, Promise<string>>();

async function changes(leaf: Leaf, context: Values): Promise<boolean> {
  // The secret of the agents is drawn anew at each rendering.
  const known = ['--api-versions', 'cert-manager.io/v1'];
  const shown = async (values: Values): Promise<string> =>
    (await renderText([...known, ...setOptions(values)])).replace(/peer-secret: ".*"/, '');
  const baseline = baselines.get(context) ?? shown(context);
  baselines.set(context, baseline);
  const others = leaf.path in chosen ? [chosen[leaf.path]] : examples(leaf);
  for (const value of others) {
    const changed = await shown({ ...context, [leaf.path]: value }).catch(refusedByChart);
    if (changed !== null && changed !== (await baseline)) return true;
  }
  return false;
}

/** An example that contradicts its context is refused, which shows that the value is read. */
function refusedByChart(thrown: unknown): string | null {
  if (thrown instanceof Error && /execution error at|failed/.test(thrown.message)) return 'refused';
  throw thrown;
}

async function isUsed(leaf: Leaf): Promise<boolean> {
  for (const context of contexts) if (await changes(leaf, context)) return true;
  return false;
}

test(
  'every value changes what is rendered',
  async () => {
    const all = leaves(rootSchema).filter(
      ({ path, schema }) =>
        !withoutEffect.test(schema.description ?? '') &&
        schema.enum?.length !== 1 &&
        schema.else === undefined &&
        (!path.startsWith('replica.') || ownOfReplica.test(path)),
    );
    const unused: string[] = [];
    for (const leaf of all) if (!(await isUsed(leaf))) unused.push(leaf.path);
    expect(unused).toEqual([]);
    expect(all.length).toBeGreaterThan(200);
  },
  manyMs,
);
