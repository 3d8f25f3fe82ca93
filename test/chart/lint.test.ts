import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { cache } from '../../scripts/environment.ts';
import { fileOptions, valuesFiles } from './rendering.ts';
import { chart, outcomeOf, outputOf } from './tool.ts';

const setupMs = 300_000;
const lintMs = 300_000;

/** chart-testing calls yamale and yamllint, which come from PyPI. */
const python = join(cache, 'python');
const linters = ['yamale==6.0.0', 'yamllint==1.37.1'];

beforeAll(async () => {
  if (existsSync(join(python, 'bin/yamllint'))) return;
  await outputOf('python3', ['-m', 'venv', python]);
  await outputOf(join(python, 'bin/pip'), ['install', '--quiet', ...linters]);
}, setupMs);

test.each(['helm', 'helm3'])(
  '%s finds nothing to complain about, with any of the values files',
  async (helm) => {
    for (const options of [[], ...valuesFiles.map(fileOptions)]) {
      const { code, output, complaint } = await outcomeOf(helm, [
        'lint',
        '--strict',
        chart,
        ...options,
      ]);
      expect({ options, code, report: code === 0 ? '' : output + complaint }).toEqual({
        options,
        code: 0,
        report: '',
      });
    }
  },
  lintMs,
);

test(
  'chart-testing finds nothing to complain about, and the sentences of chart/tests hold',
  async () => {
    const { code, output, complaint } = await outcomeOf('ct', [
      'lint',
      '--config',
      'ci/ct.yaml',
      '--charts',
      chart,
    ]);
    expect(code === 0 ? '' : output + complaint).toBe('');
    expect(output).toMatch(/Test Suites: [1-9]\d* passed/);
    expect(output).toContain(`${valuesFiles[0] ?? ''}-values.yaml`);
  },
  lintMs,
);

test('helm lint fails where the chart refuses, not only helm install', async () => {
  const timing = ['--set', 'failover.leaseDurationSeconds=4'];
  const refused = await outcomeOf('helm', ['lint', chart, ...timing]);
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('a leader has to stop before another may start');
});
