import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { Metrics } from '../../agent/http/metrics.ts';
import { root } from '../../scripts/environment.ts';

/** What the agent measures, by the names that Prometheus knows. */
async function measured(): Promise<ReadonlySet<string>> {
  const metrics = new Metrics(() => ({
    isLeading: true,
    term: 1,
    leaseRemainingMs: 1,
    offset: 1,
    replicas: 1,
    isRedisUp: true,
    requiredReplicas: 1,
    promises: 0,
    apiSilenceMs: 1,
  }));
  const text = await metrics.text();
  metrics.end();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const names = types.flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );
  return new Set(names);
}

test.each(['chart/dashboards/regent.json', 'chart/templates/_alerts.tpl'])(
  '%s asks only for what the agent measures',
  async (path) => {
    const asked = readFileSync(join(root, path), 'utf8').match(/\bregent_[a-z_]+/g) ?? [];
    const known = await measured();
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  },
);
