import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from '@jest/globals';

import { root } from '../../scripts/environment.ts';
import { chart, outcomeOf, outputOf } from './tool.ts';

const folder = mkdtempSync(join(tmpdir(), 'regent-package-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('a package holds the agent, and nothing that is only for developers', async () => {
  await outputOf('helm', ['package', chart, '--destination', folder]);
  const listing = await outputOf('tar', ['tzf', join(folder, 'regent-0.1.0.tgz')]);
  const files = listing.trim().split('\n');
  expect(files).toContain('regent/files/regent.cjs.br');
  expect(files).toContain('regent/values.schema.json');
  expect(files).toContain('regent/templates/tests/write-and-read.yaml');
  expect(files).toContain('regent/charts/common/Chart.yaml');
  const forDevelopers = /^regent\/(tests|ci)\/|gotmpl$|refused-values|\.gitignore$/;
  expect(files.filter((file) => forDevelopers.test(file))).toEqual([]);
});

test.each(['regent', 'regent.cjs.br', 'probe.cjs'])(
  'a chart without %s says what has to be run',
  async (file) => {
    const clone = join(folder, `without-${file}`);
    cpSync(join(root, chart), clone, { recursive: true });
    rmSync(join(clone, 'files', file));
    const { code, complaint } = await outcomeOf('helm', ['template', 'shop', clone]);
    expect(code).toBe(1);
    expect(complaint).toContain(`the chart lacks files/${file}`);
    expect(complaint).toContain('run scripts/build first');
  },
);

test('an image with the agent built in, and standalone, need no bundle', async () => {
  const clone = join(folder, 'without-files');
  cpSync(join(root, chart), clone, { recursive: true });
  rmSync(join(clone, 'files'), { recursive: true });
  const builtIn = ['template', 'shop', clone, '--set', 'agent.image.builtIn=true'];
  expect(await outputOf('helm', builtIn)).not.toContain('regent.cjs.br');
  const standalone = ['template', 'shop', clone, '--set', 'architecture=standalone'];
  expect(await outputOf('helm', standalone)).toContain('name: "shop-redis-master"');
});

test('the chart works below another one, with a condition, tags and global values', async () => {
  const parent = join(folder, 'parent');
  mkdirSync(join(parent, 'charts'), { recursive: true });
  cpSync(join(root, chart), join(parent, 'charts/regent'), { recursive: true });
  const dependency = '{ name: regent, version: 0.1.0, repository: "", condition: regent.enabled }';
  writeFileSync(
    join(parent, 'Chart.yaml'),
    `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n  - ${dependency}\n`,
  );
  writeFileSync(
    join(parent, 'values.yaml'),
    'global: { ours: 1, storageClass: fast }\nregent: { enabled: true, tags: { cache: true } }\n',
  );
  const rendered = await outputOf('helm', ['template', 'shop', parent]);
  expect(rendered).toContain('storageClassName: "fast"');
  const off = await outputOf('helm', ['template', 'shop', parent, '--set', 'regent.enabled=false']);
  expect(off).not.toContain('StatefulSet');
});
