/** Runs the tests, layer by layer. `scripts/test --help` tells what it does. */
import { join } from 'node:path';
import { messageOf } from '../agent/errors.ts';
import { cache, root, toolEnvironment } from './environment.ts';
import {
  embeddedCluster,
  isEmbeddedClusterUp,
  removeEmbeddedCluster,
} from './experiment/cluster-choice.ts';
import { run } from './experiment/command.ts';
import { runJest } from './layers/jest-layer.ts';
import { sum, type Layer, type LayerResult } from './layers/layer.ts';
import { lintLayer } from './layers/lint-layer.ts';
import { installPackages } from './layers/packages.ts';
import { Options, UsageError } from './options.ts';
import { say } from './progress.ts';

/** The cluster that tests run on, once one of them has asked for it. */
let kubeconfig: string | null = null;
/** This run has started it, and takes it down. */
let isClusterOurs = false;

async function startCluster(): Promise<void> {
  if (kubeconfig !== null) return;
  isClusterOurs = !(await isEmbeddedClusterUp());
  kubeconfig = (await embeddedCluster()).kubeconfig;
}

/** What the chart carries, built once in a run. */
let bundle: Promise<string> | null = null;

async function bundleAgent(): Promise<void> {
  bundle ??= run(['node', 'scripts/build.ts'], { env: toolEnvironment(), cwd: root });
  await bundle;
}

/** Puts the image with the agent of this checkout built in on the machines of the cluster. */
async function loadAgentImage(): Promise<void> {
  await run(['scripts/cluster', 'images'], { cwd: root });
  await run(['scripts/cluster', 'load', join(cache, 'images', 'agent.oci.tar')], { cwd: root });
}

function jestLayer(name: string, prepare: () => Promise<void>): Layer {
  const environment = (): NodeJS.ProcessEnv =>
    kubeconfig === null ? {} : { KUBECONFIG: kubeconfig };
  return { name, prepare, run: () => runJest(name, environment()) };
}

const layers: readonly Layer[] = [
  lintLayer,
  jestLayer('unit', bundleAgent),
  jestLayer('sim', bundleAgent),
  jestLayer('redis', async () => {
    await installPackages([['redis-server', 'redis-server']]);
    await bundleAgent();
  }),
  jestLayer('chart', async () => {
    const venv = [['/usr/share/doc/python3-venv', 'python3-venv']] as const;
    await installPackages([['git', 'git'], ['python3', 'python3'], ...venv]);
    await bundleAgent();
    await startCluster();
    await loadAgentImage();
  }),
  jestLayer('e2e', async () => {
    await bundleAgent();
    await startCluster();
  }),
];

async function main(argv: readonly string[]): Promise<void> {
  const options = new Options(argv, { values: [], flags: ['keep'] });
  const chosen = choose(options.operands);
  const results: LayerResult[] = [];
  try {
    for (const layer of chosen) results.push(await runLayer(layer));
  } finally {
    if (isClusterOurs && !options.flag('keep')) await takeDown();
  }
  conclude(results);
}

function choose(names: readonly string[]): readonly Layer[] {
  const unknown = names.find((name) => layers.every((layer) => layer.name !== name));
  if (unknown !== undefined) {
    const allowed = layers.map(({ name }) => name).join(', ');
    throw new UsageError(`there is no layer '${unknown}'; allowed are ${allowed}`);
  }
  return names.length === 0 ? layers : layers.filter(({ name }) => names.includes(name));
}

async function runLayer({ name, prepare, run: runTests }: Layer): Promise<LayerResult> {
  const startedMs = performance.now();
  const result = (passed: number, failed: number): LayerResult => {
    const tookMs = performance.now() - startedMs;
    return { name, passed, failed, tookMs };
  };
  try {
    say(`${name}: setting up`);
    await prepare();
    say(`${name}: running`);
    const { passed, failed } = await runTests();
    return result(passed, failed);
  } catch (error) {
    console.error(`${name} could not be run, which counts as a failure: ${messageOf(error)}`);
    return result(0, 1);
  }
}

async function takeDown(): Promise<void> {
  say('taking the cluster down that this run has started');
  await removeEmbeddedCluster();
}

function conclude(results: readonly LayerResult[]): void {
  const { passed, failed } = sum(results);
  console.log('\nlayer    passed  failed     time');
  for (const { name, tookMs, ...tally } of results) {
    const numbers = [tally.passed, tally.failed].map((number) => String(number).padStart(8));
    const seconds = `${Math.round(tookMs / 1000)} s`.padStart(9);
    console.log(`${name.padEnd(7)}${numbers.join('')}${seconds}`);
  }
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`\n${passed} passed, ${failed} failed`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    const end = isClusterOurs ? takeDown() : Promise.resolve();
    void end.finally(() => process.exit(130));
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`test: ${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
