/**
 * Installs every values file of chart/ci on a real cluster, lets `helm test` write and read through
 * the leader's Service, and removes it again. Needs a cluster: `scripts/cluster up`.
 */
import { expect, test } from '@jest/globals';

import { valuesFiles } from './rendering.ts';
import { chart, kubeconfig, outcomeOf } from './tool.ts';

const allMs = 2_400_000;
const withCluster = kubeconfig === null ? test.skip : test;

withCluster(
  'chart-testing installs and tests every values file',
  async () => {
    const options = ['install', '--config', 'ci/ct.yaml', '--charts', chart];
    const { code, output, complaint } = await outcomeOf('ct', options, allMs);
    expect(code === 0 ? '' : output + complaint).toBe('');
    const installed = output.match(/^Phase: +Succeeded$/gm) ?? [];
    expect(installed).toHaveLength(valuesFiles.length);
  },
  allMs,
);
