/** What an API server says to what the chart renders. Needs a cluster: `scripts/cluster up`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { fileOptions, renderText, setOptions, valuesFiles } from './rendering.ts';
import { writeSchemas } from './object-schemas.ts';
import { chart, kubeconfig, outcomeOf, outputOf, teachMonitorKinds } from './tool.ts';

const clusterMs = 300_000;
const namespace = `chart-${process.pid}`;
const withCluster = kubeconfig === null ? describe.skip : describe;

/** Kinds that only the Prometheus operator knows. */
const monitors = 'ServiceMonitor,PodMonitor,PrometheusRule';

withCluster('an API server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'regent-chart-'));
  const schemas = join(folder, 'schemas');

  beforeAll(async () => {
    await teachMonitorKinds();
    mkdirSync(schemas);
    writeSchemas(await outputOf('kubectl', ['get', '--raw', '/openapi/v2']), schemas);
    await outputOf('kubectl', ['create', 'namespace', namespace]);
    // A pod is refused by `enforce`; what would make such pods is told by `warn`.
    const level = 'pod-security.kubernetes.io/warn=restricted';
    await outputOf('kubectl', ['label', 'namespace', namespace, level]);
  }, clusterMs);

  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await outcomeOf('kubectl', ['delete', 'namespace', namespace, '--wait=false']);
  }, clusterMs);

  async function renderFile(name: string): Promise<string> {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(path, await renderText([...fileOptions(name), '--namespace', namespace]));
    return path;
  }

  test.each(valuesFiles)(
    'knows every field of %s, by its own schemas',
    async (name) => {
      const location = join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
      const options = ['-strict', '-summary', '-skip', monitors, '-schema-location', location];
      const { code, output } = await outcomeOf('kubeconform', [...options, await renderFile(name)]);
      expect({ code, output }).toEqual({
        code: 0,
        output: expect.stringMatching(/Valid: [1-9]\d*, Invalid: 0, Errors: 0/),
      });
    },
    clusterMs,
  );

  test.each(valuesFiles)(
    'takes %s in a namespace where Pod Security is restricted',
    async (name) => {
      const path = await renderFile(name);
      const options = ['--dry-run=server', '--validate=strict', '--namespace', namespace];
      const outcome = await outcomeOf('kubectl', ['apply', ...options, '--filename', path]);
      expect({ code: outcome.code, complaint: outcome.complaint }).toEqual({
        code: 0,
        complaint: '',
      });
    },
    clusterMs,
  );

  test(
    'keeps a release that is far below what a Secret may hold',
    async () => {
      // No machine has this label, so that no pod runs.
      const pending = setOptions({ 'master.nodeSelector': { no: 'machine' } });
      const where = ['--namespace', namespace];
      await outputOf('helm', ['install', 'size', chart, ...where, ...pending]);
      const secret = ['secret', 'sh.helm.release.v1.size.v1', '--output=jsonpath={.data.release}'];
      const text = await outputOf('kubectl', ['get', ...where, ...secret]);
      await outputOf('helm', ['uninstall', 'size', ...where]);
      // Kubernetes counts what a Secret holds, not the base64 in which it is shown.
      const bytes = Buffer.from(text, 'base64').length;
      expect(bytes).toBeGreaterThan(100 * 1024);
      expect(bytes).toBeLessThan(700 * 1024);
    },
    clusterMs,
  );
});
