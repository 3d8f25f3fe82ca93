import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { listen, portOf } from '../../agent/http/server.ts';
import { RedisProcess } from './redis-process.ts';

jest.setTimeout(120_000);

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'regent-bundle-'));
/** As mounted in a pod: nothing beside it, and no package.json above it. */
const shipped = join(folder, 'opt');

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ['scripts/build.ts', shipped], { cwd: root });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the launcher as the chart does. */
function regent(...args: string[]): Outcome {
  const flags = [
    '--jitless',
    '--optimize-for-size',
    '--max-semi-space-size=1',
    join(shipped, 'regent'),
  ];
  return spawnSync(process.execPath, [...flags, ...args], { encoding: 'utf8' });
}

test('three files, small enough for a ConfigMap', () => {
  expect(readdirSync(shipped).sort()).toEqual(['probe.cjs', 'regent', 'regent.cjs.br']);
  const sizes = readdirSync(shipped).map((file) => statSync(join(shipped, file)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(192 * 1024);
});

test('it can be called by its name alone', () => {
  const outcome = spawnSync(join(shipped, 'regent'), ['version'], { encoding: 'utf8' });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(outcome.stdout).toBe(`${version}\n`);
});

test('the same source gives the same files', async () => {
  const again = join(folder, 'again');
  await promisify(execFile)(process.execPath, ['scripts/build.ts', again], { cwd: root });
  for (const file of readdirSync(shipped)) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(shipped, file)))).toBe(true);
  }
});

test('a wrong command line ends with 2 and a sentence, a refusal with 1', () => {
  expect(regent('lead')).toMatchObject({ status: 2, stderr: expect.stringContaining("'lead'") });
  expect(regent('run')).toMatchObject({ status: 2, stderr: expect.stringContaining('--pod is') });
  expect(regent('probe', 'x')).toMatchObject({ status: 2 });
  expect(regent('status', '--agent-port', '1')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('127.0.0.1:1'),
  });
});

test('outside a pod it says what it lacks', () => {
  const outcome = regent(
    ...['run', '--pod=x-node-0', '--pod-uid=u', '--pod-ip=10.1.2.3', '--namespace=default'],
    ...['--set=x', '--headless-service=h', '--leader-service=l', '--replicas=1'],
  );
  expect(outcome.status).toBe(1);
  expect(outcome.stderr).toBe('not in a pod: KUBERNETES_SERVICE_HOST is not set\n');
});

test('a probe asks the agent', async () => {
  let status = 200;
  const server = await listen({
    port: 0,
    routes: [
      {
        ...{ method: 'GET', path: '/readyz', allows: 'anybody' },
        answer: () => ({ status, body: { verdict: status === 200 ? 'pass' : 'fail' } }),
      },
    ],
    peerSecret: () => Promise.resolve(null),
    onError: () => undefined,
  });
  const ask = (): Promise<number | null> =>
    new Promise((settle) => {
      const args = ['probe', 'readiness', `--agent-port=${portOf(server)}`];
      spawn(join(shipped, 'regent'), args, { stdio: 'ignore' }).on('exit', settle);
    });
  expect(await ask()).toBe(0);
  status = 503;
  expect(await ask()).toBe(1);
  server.close();
});

test('what init writes starts Redis, and only its group can read it', async () => {
  await using redis = await RedisProcess.prepare();
  const [config, output, passwordFile] = ['user.conf', 'redis.conf', 'password'].map((file) =>
    join(redis.folder, file),
  ) as [string, string, string];
  writeFileSync(config, 'maxmemory 64mb\n');
  writeFileSync(passwordFile, 'pässwörd "1"\n');
  const files = ['--config', config, '--output', output, '--password-file', passwordFile];
  const place = ['--port', String(redis.port), '--data-dir', redis.folder];
  const outcome = regent('init', '--announce-host', 'node-0.headless', ...place, ...files);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });
  expect(statSync(output).mode & 0o777).toBe(0o640);
  await redis.startWith(output);
  expect((await redis.client('pässwörd "1"')).isOpen).toBe(true);

  const tls = regent('init', '--announce-host', 'node-0', ...place, ...files, '--tls-dir', '/none');
  expect(tls).toMatchObject({ status: 2, stderr: expect.stringContaining("in '/none'") });

  writeFileSync(config, 'save ""\nreplicaof 10.0.0.1 6379\n');
  const refused = regent('init', '--announce-host', 'node-0.headless', ...place, ...files);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain(`${config} line 2: 'replicaof 10.0.0.1 6379'`);
});
