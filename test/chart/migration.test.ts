/**
 * Runs the commands of docs/migration.md as they stand there, under an application that writes all
 * the time. Needs a cluster: `scripts/cluster up`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { root } from '../../scripts/environment.ts';
import { say } from '../../scripts/progress.ts';
import { chart, kubeconfig, outcomeOf, outputOf } from './tool.ts';

const migrationMs = 420_000;
const withCluster = kubeconfig === null ? describe.skip : describe;
const folder = mkdtempSync(join(tmpdir(), 'regent-migration-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The commands of the page that have one of these marks, in their order. */
function commands(...marks: readonly string[]): string {
  const page = readFileSync(join(root, 'docs/migration.md'), 'utf8');
  const blocks = [...page.matchAll(/^```sh (\S+)\n(.*?)^```$/gms)];
  return blocks
    .filter(([, mark = '']) => marks.includes(mark))
    .map(([, , text = '']) => text)
    .join('\n');
}

/** An application: it counts in Redis, one connection for each write, and notes what it was told. */
function application(release: string): string {
  const count = `redis-cli -e -h ${release}-redis-master INCR count`;
  const note = 'echo "$(date +%s%N) $reply"';
  const loop = `while sleep 0.1; do reply=$(timeout 1 ${count} 2> /dev/null) && ${note}; done`;
  const password = { secretKeyRef: { name: 'app-password', key: 'redis-password' } };
  const container = {
    name: 'app',
    image: 'docker.io/library/redis:8.0.2',
    command: ['sh', '-c', loop],
    env: [{ name: 'REDISCLI_AUTH', valueFrom: password }],
  };
  const metadata = { name: 'app', labels: { [`${release}-redis-client`]: 'true' } };
  const spec = { containers: [container], terminationGracePeriodSeconds: 1 };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
}

interface Write {
  readonly atMs: number;
  readonly count: number;
}

const migrations = [
  { mode: 'sentinel', way: 'claims', pod: 'node-0', architecture: 'replication' },
  { mode: 'standalone', way: 'claims', pod: 'master-0', architecture: 'standalone' },
  { mode: 'replication', way: 'replicated', pod: 'master-0', architecture: 'replication' },
] as const;

function namespaceOf(mode: string): string {
  return `from-${mode}-${process.pid}`;
}

/** Installs a set as it was, and an application that writes to it. */
async function setUp(mode: string): Promise<void> {
  const where = ['--namespace', namespaceOf(mode)];
  await outputOf('kubectl', ['create', 'namespace', namespaceOf(mode)]);
  const old = ['test/chart/old-set', '--set', `mode=${mode}`, '--wait'];
  await outputOf('helm', ['install', 'cache', ...old, ...where]);
  const literal = '--from-literal=redis-password=of-the-old-set';
  await outputOf('kubectl', ['create', 'secret', 'generic', 'app-password', literal, ...where]);
  const file = join(folder, `${mode}.json`);
  writeFileSync(file, application('cache'));
  await outputOf('kubectl', ['apply', '--filename', file, ...where]);
  await outputOf('kubectl', ['wait', 'pod/app', '--for=condition=Ready', ...where]);
}

/** What the application wrote and got an answer for. */
async function writes(mode: string): Promise<readonly Write[]> {
  const text = await outputOf('kubectl', ['logs', 'app', '--namespace', namespaceOf(mode)]);
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([nanoseconds, count]) => ({ atMs: Number(nanoseconds) / 1e6, count: Number(count) }));
}

async function awaitTenWrites(mode: string): Promise<number> {
  const before = (await writes(mode)).length;
  while ((await writes(mode)).length < before + 10) await new Promise((go) => setTimeout(go, 500));
  return before;
}

/** What there is to read about a set that did not come up; the newest things that were said. */
async function stateOf(mode: string): Promise<string> {
  const words = [
    ['get', 'pods', '--output=wide'],
    [
      'logs',
      '--selector=app.kubernetes.io/instance=cache',
      '--all-containers',
      '--prefix',
      '--tail=8',
    ],
    ['get', 'events', '--field-selector=type=Warning'],
  ];
  const said = [];
  for (const asked of words) {
    const { output, complaint } = await outcomeOf('kubectl', [
      ...asked,
      `--namespace=${namespaceOf(mode)}`,
    ]);
    said.push(output, complaint);
  }
  return said.join('\n');
}

withCluster('docs/migration.md', () => {
  afterAll(async () => {
    for (const { mode } of migrations) {
      await outcomeOf('kubectl', ['delete', 'namespace', namespaceOf(mode), '--wait=false']);
    }
  }, migrationMs);

  test.concurrent.each(migrations)(
    'the commands from $mode to $architecture lose no write that was acknowledged',
    async ({ mode, way, pod, architecture }) => {
      await setUp(mode);
      await awaitTenWrites(mode);
      const values = join(folder, `${mode}.yaml`);
      writeFileSync(values, JSON.stringify({ architecture }));
      const set = `RELEASE=cache MASTER=cache-redis-${pod} NAMESPACE=${namespaceOf(mode)}`;
      const facts = `${set} CHART=${chart} VALUES=${values} SIZE=1Gi`;
      const script = `set -euo pipefail\n${facts}\n${commands('common', way)}`;
      const { code, output, complaint } = await outcomeOf('bash', ['-c', script], migrationMs);
      expect(code === 0 ? '' : (await stateOf(mode)) + complaint + output).toBe('');
      await awaitTenWrites(mode);
      const all = await writes(mode);
      const counts = all.map(({ count }) => count);
      expect(counts.filter(Number.isSafeInteger)).toHaveLength(counts.length);
      // A lost write would show as a number that comes twice.
      expect(counts).toEqual([...new Set(counts)].sort((one, other) => one - other));
      const gaps = all.slice(1).map(({ atMs }, index) => atMs - (all[index]?.atMs ?? atMs));
      say(`from ${mode}: ${Math.round(Math.max(...gaps)) / 1000} s without a write`);
    },
    migrationMs,
  );
});
