/**
 * Installs every values file of chart/ci on a real cluster, lets `helm test` write and read through
 * the leader's Service, and removes it again. Needs a cluster: `scripts/cluster up`.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { root } from '../../scripts/environment.ts';
import { valuesFiles } from './rendering.ts';
import { chart, kubeconfig, outcomeOf, teachMonitorKinds } from './tool.ts';

const allMs = 2_400_000;
const withCluster = kubeconfig === null ? test.skip : test;

/**
 * A release mostly waits, for pods to be ready and for a namespace to go, so that a few of them
 * beside each other take hardly longer than one.
 */
const besideEachOther = 4;

const folder = mkdtempSync(join(tmpdir(), 'regent-install-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A copy of the chart with some of the values files, for chart-testing installs all that are there. */
function chartWith(names: readonly string[], copy: string): string {
  const path = join(folder, copy);
  const isLeftOut = (file: string): boolean =>
    file.endsWith('-values.yaml') && !names.some((name) => file.endsWith(`/${name}-values.yaml`));
  cpSync(join(root, chart), path, { recursive: true, filter: (file) => !isLeftOut(file) });
  return path;
}

/** How many values files were installed and tested, after all of a share have been. */
async function install(names: readonly string[], copy: string): Promise<number> {
  const options = ['install', '--config', 'ci/ct.yaml', '--charts', chartWith(names, copy)];
  const { code, output, complaint } = await outcomeOf('ct', options, allMs);
  expect(code === 0 ? '' : output + complaint).toBe('');
  return output.match(/^Phase: +Succeeded$/gm)?.length ?? 0;
}

withCluster(
  'chart-testing installs and tests every values file',
  async () => {
    await teachMonitorKinds();
    const shares = Array.from({ length: besideEachOther }, (_, share) =>
      valuesFiles.filter((_name, index) => index % besideEachOther === share),
    );
    const installed = await Promise.all(
      shares.map((names, share) => install(names, `share-${share}`)),
    );
    expect(installed).toEqual(shares.map((names) => names.length));
  },
  allMs,
);
