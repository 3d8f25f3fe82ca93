/** A failover to watch. `scripts/demo --help` tells what it does. */
import { writeFile } from 'node:fs/promises';
import { messageOf } from '../agent/errors.ts';
import { root, toolEnvironment } from './environment.ts';
import { clusterOfOnesOwn, embeddedCluster } from './experiment/cluster-choice.ts';
import { Cluster, type ClusterChoice } from './experiment/cluster.ts';
import { run } from './experiment/command.ts';
import { keepEvidence } from './experiment/evidence.ts';
import { failOver, lostWrites, uniquePrefix } from './experiment/failover.ts';
import { RedisSet, type SetPod } from './experiment/redis-set.ts';
import { replaceWorn } from './experiment/replace-worn.ts';
import { phaseMs, strikeNames, strikeOf, type Strike, type Striker } from './experiment/strike.ts';
import { summaryOf, table, type Run } from './experiment/summary.ts';
import { Workload } from './experiment/workload.ts';
import { Options, UsageError } from './options.ts';
import { during, say } from './progress.ts';

const release = 'demo';
const podCount = 3;
const settleTimeoutMs = 180_000;

async function main(argv: readonly string[]): Promise<void> {
  const values = ['context', 'namespace', 'kill', 'times', 'json'];
  const options = new Options(argv, { values, flags: [] });
  const [operand] = options.operands;
  if (operand !== undefined) throw new UsageError(`there is nothing to do with '${operand}'`);
  const strike = strikeOf(options.choice('kill', strikeNames));
  const times = options.count('times', { from: 1, to: 200, fallback: 1 });
  const context = options.text('context');
  const choice = context === null ? await embeddedCluster() : await clusterOfOnesOwn(context);

  const set = new RedisSet(new Cluster(choice, options.text('namespace') ?? release), release);
  const runs = await demonstrate(set, strike, times);
  const file = options.text('json');
  if (file !== null) await writeFile(file, `${JSON.stringify(runs, null, 2)}\n`);
  playOn(set, choice);
  console.log(summaryOf(runs));
}

async function demonstrate(set: RedisSet, strike: Strike, times: number): Promise<Run[]> {
  await during('bundling the agent', run(['node', 'scripts/build.ts'], inCheckout));
  await set.cluster.createNamespace();
  const runs: Run[] = [];
  try {
    const installing = `helm install ${release} ./chart`;
    await during(installing, set.install());
    await during('waiting for three pods, one of them the leader', settled(set));
    const striker = { set, workload: new Workload(set.cluster, await set.workloadOptions()) };
    await during('starting the application that writes', prepare(striker));
    for (let time = 1; time <= times; time += 1) {
      if (times > 1) say(`run ${time} of ${times}`);
      runs.push(await oneRun(striker, strike));
      if (time < times) await replaceWorn(set, podCount, settleTimeoutMs);
    }
    await striker.workload.remove();
  } catch (error) {
    say(`what there is to read about it is in ${await keepEvidence(set, release)}`);
    throw error;
  }
  return runs;
}

const inCheckout = { env: toolEnvironment(), cwd: root };

function settled(set: RedisSet): Promise<SetPod> {
  return set.settled(podCount, settleTimeoutMs);
}

async function prepare({ set, workload }: Striker): Promise<void> {
  await workload.install();
  await workload.prepareKills((await set.pods()).map(({ machine }) => machine));
}

async function oneRun(striker: Striker, strike: Strike): Promise<Run> {
  const { set } = striker;
  const leader = await settled(set);
  say(`writing to ${set.leaderService}:6379, and killing the leader, ${leader.name}`);
  const writeBeforeMs = 1000 + Math.random() * phaseMs;
  const options = { strike, leader, prefix: uniquePrefix(), writeBeforeMs };
  const failover = await failOver(striker, options);
  console.log(`\n${table(failover.steps)}\n`);
  const successor = await during('waiting until the killed one is back as a replica', settled(set));
  if (successor.uid === leader.uid) throw new Error(`${leader.name} was killed and leads on`);
  const lost = await during('reading every acknowledged write back', lostWrites(striker, failover));
  const { acknowledged, killedMs, writableAfterMs, steps } = failover;
  const counts = { acknowledgedCount: acknowledged.length, lostCount: lost.length };
  const failures = failover.failures
    .filter(({ atMs }) => atMs >= killedMs)
    .map(({ error, atMs }) => ({ error, afterMs: atMs - killedMs }));
  return { ...counts, writableAfterMs, steps, failures };
}

function playOn(set: RedisSet, { kubeconfig }: ClusterChoice): void {
  const { typed } = set.cluster;
  const environment = kubeconfig === null ? [] : [`export KUBECONFIG=${kubeconfig}`];
  const testbed = kubeconfig === null ? [] : ['scripts/cluster status', 'scripts/cluster down'];
  const lines = [
    ...environment,
    `${typed} get pods -o wide`,
    `${typed} exec ${set.name}-node-0 -c agent -- regent status`,
    `${typed} delete pod ${set.name}-node-0`,
    `helm -n ${set.cluster.namespace} get notes ${set.release}`,
    ...testbed,
  ];
  console.log(`Everything stays up. Play on:\n\n    ${lines.join('\n    ')}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`demo: ${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
