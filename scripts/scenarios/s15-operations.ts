import { setTimeout as sleep } from 'node:timers/promises';
import { regent } from '../experiment/agent-command.ts';
import { agentLog } from '../experiment/agent-log.ts';
import { chartFolder } from '../experiment/cluster.ts';
import { CommandError } from '../experiment/command.ts';
import type { SetPod } from '../experiment/redis-set.ts';
import { containerId, killRedis } from '../experiment/strike.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import { lose } from './s03-leader-killed.ts';
import { mayDo, mayNotDo } from './rights.ts';
import type { Install, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

const agentPort = 8377;
/** Until an Event that was written can be read. */
const newsMs = 1500;
/** How long a Redis stands still to be found not ready. */
const standstillMs = 6000;

const otherPorts: Install = {
  port: 7000,
  values: [
    ...['master.containerPorts.redis=7000', 'master.service.ports.redis=7000'],
    ...['replica.service.ports.redis=7000', 'agent.port=9000', 'auth.password=chosen'],
  ],
};

const users: Install = {
  values: [
    ...['auth.acl.enabled=true', 'auth.acl.users[0].username=app'],
    ...['auth.acl.users[0].password=of-app', 'auth.acl.users[0].keys=~app:*'],
    ...['auth.acl.users[0].commands=+@all -@dangerous', 'auth.acl.users[0].enabled=on'],
  ],
};

/** What people who run a set rely on. */
export const operations: Scenario = {
  id: 'S15',
  holds:
    'a set works with a password, users, other ports and few rights, tells what it does, and refuses bad options in words',
  cases: [
    { name: 'few rights', mayLose: 'nothing', play: rights },
    { name: 'probes', mayLose: 'nothing', play: probes },
    { name: 'metrics, Events, logs', mayLose: 'nothing', play: tellings },
    { name: 'bad options', mayLose: 'nothing', play: badOptions },
    { name: 'password and ports', install: otherPorts, mayLose: 'unreplicated', play: passwords },
    { name: 'users', install: users, mayLose: 'unreplicated', play: acl },
  ],
};

/** The API server denies what is not asked about here: the set works with these rights. */
async function rights(trial: Trial): Promise<void> {
  const { set, stage } = trial;
  const { namespace } = set.cluster;
  const account = `--as=system:serviceaccount:${namespace}:${set.name}`;
  const can = async (words: readonly string[]): Promise<boolean> => {
    try {
      const answer = await set.cluster.kubectl(['auth', 'can-i', ...words, account]);
      return answer.trim() === 'yes';
    } catch {
      return false;
    }
  };
  for (const words of mayDo(set)) {
    trial.demand(await can(words), `an agent may not: ${words.join(' ')}`);
  }
  for (const words of mayNotDo(set)) {
    trial.demand(!(await can(words)), `an agent may: ${words.join(' ')}`);
  }
  await regent(set, trial.leader, 'switchover');
  await stage.whole();
  const names = [...stage.hosts.keys()];
  const refused = (await agentLog(set.cluster, names, 0)).filter(({ reason }) =>
    /forbidden|refused-by-api/i.test(reason),
  );
  trial.demand(
    refused.length === 0,
    `the API server refused an agent: ${refused[0]?.reason ?? ''}`,
  );
}

/** A follower whose Redis stands still is not ready, and its agent is alive. */
async function probes(trial: Trial): Promise<void> {
  const { workload, set } = trial;
  for (const pod of await set.pods()) {
    for (const path of ['livez', 'readyz', 'startupz']) {
      const { status } = await ask(trial, pod, path);
      trial.demand(status === 200, `${pod.name} answers ${path} with ${status}`);
    }
    for (const probe of ['startup', 'readiness', 'liveness']) {
      await regent(set, pod, 'probe', probe);
    }
  }
  const follower = await trial.follower();
  const signals = ['SIGSTOP', 'SIGCONT'] as const;
  const id = containerId(follower, 'redis');
  const signal = await workload.aim(follower.machine, [id], { signals });
  await signal();
  try {
    await sleep(standstillMs);
    const [ready, alive] = [
      await ask(trial, follower, 'readyz'),
      await ask(trial, follower, 'livez'),
    ];
    trial.demand(ready.status === 503, `a Redis stands still, and readyz says ${ready.status}`);
    trial.demand(alive.status === 200, `a Redis stands still, and livez says ${alive.status}`);
    const said = await refusal(regent(set, follower, 'probe', 'readiness'));
    trial.demand(said !== null, 'a Redis stands still, and regent probe readiness passes');
  } finally {
    await signal();
  }
  const successor = await trial.stage.whole();
  trial.demand(successor.uid === trial.leader.uid, 'the lead has moved');
}

async function tellings(trial: Trial): Promise<void> {
  const { set, stage, leader } = trial;
  const termBefore = await judgeMetrics(trial, leader);
  const begunMs = wallClockMs();
  await regent(set, leader, 'switchover');
  const successor = await stage.whole();
  await sleep(newsMs);
  const termAfter = await judgeMetrics(trial, successor);
  trial.demand(termAfter === termBefore + 1, `the term went from ${termBefore} to ${termAfter}`);

  const path = '--output=jsonpath={range .items[*]}{.involvedObject.name} {.reason}{"\\n"}{end}';
  const events = (await set.cluster.kubectl(['get', 'events', path])).split('\n');
  for (const event of [`${leader.name} HandedOver`, `${successor.name} Promoted`]) {
    trial.demand(events.includes(event), `there is no Event '${event}'`);
  }
  const log = await agentLog(set.cluster, [leader.name, successor.name], begunMs - 1000);
  trial.demand(
    log.some(({ holder }) => holder === successor.name),
    `no log names ${successor.name} as the holder`,
  );
}

/** One leads, everybody has its term, and both are said so. Resolves with the term. */
async function judgeMetrics(trial: Trial, leader: SetPod): Promise<number> {
  const value = (text: string, name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  const pods = await trial.set.pods();
  const texts = await Promise.all(pods.map((pod) => ask(trial, pod, 'metrics')));
  const terms = texts.map(({ body }) => value(body, 'regent_term'));
  const leading = pods.filter((_, n) => value(texts[n]?.body ?? '', 'regent_is_leader') === 1);
  trial.demand(
    leading.length === 1 && leading[0]?.uid === leader.uid,
    `${leader.name} leads, and metrics name ${leading.map(({ name }) => name).join(', ')}`,
  );
  trial.demand(new Set(terms).size === 1, `the metrics have the terms ${terms.join(', ')}`);
  return terms[0] ?? Number.NaN;
}

/** Each ends with a code other than 0 and a sentence that names what was wrong. */
async function badOptions(trial: Trial): Promise<void> {
  const { set, leader } = trial;
  const { cluster } = set;
  const render = (value: string): Promise<string> =>
    cluster.helm(['template', 'it', chartFolder, `--set=${value}`]);
  const attempts: readonly (readonly [name: string, attempt: () => Promise<string>])[] = [
    ['timing', () => render('failover.timing=quick')],
    ['leaseDurationSeconds', () => render('failover.leaseDurationSeconds=3')],
    ['replicaCount', () => render('replica.replicaCount=none')],
    ['--agent-port', () => regent(set, leader, 'status', '--agent-port=0')],
    ['--output', () => regent(set, leader, 'status', '--output=xml')],
    ['readyness', () => regent(set, leader, 'probe', 'readyness')],
    ['--pod', () => regent(set, leader, 'run')],
    [
      '--announce-host',
      () => regent(set, leader, 'init', '--config=/dev/null', '--output=/dev/null'),
    ],
    ['promote', () => regent(set, leader, 'promote-all')],
    ['nobody', () => regent(set, leader, 'switchover', '--to=nobody')],
  ];
  for (const [name, attempt] of attempts) {
    const said = await refusal(attempt());
    if (said === null) trial.object(`what is wrong about ${name} was taken`);
    else if (!said.includes(name))
      trial.object(`what is wrong about ${name} is answered with: ${said}`);
  }
}

/** Who has no password, or a wrong one, gets nothing. */
async function passwords(trial: Trial): Promise<void> {
  const { set, leader } = trial;
  const cli = (...words: readonly string[]): Promise<string> =>
    set.cluster.kubectl(['exec', leader.name, '--container=redis', '--', 'redis-cli', ...words]);
  const port = ['-p', String(set.port)];
  const without = await cli(...port, 'GET', 'x');
  if (!without.includes('NOAUTH')) trial.object(`without a password Redis answers: ${without}`);
  const wrong = await cli(...port, '-a', 'guessed', '--no-auth-warning', 'GET', 'x');
  if (!/NOAUTH|WRONGPASS/.test(wrong))
    trial.object(`with a wrong password Redis answers: ${wrong}`);
  const right = await cli(...port, '-a', 'chosen', '--no-auth-warning', 'PING');
  if (right.trim() !== 'PONG') trial.object(`with the password Redis answers: ${right}`);
  await lose(killRedis)(trial);
}

/** A user may do what was allowed, on whichever pod leads. */
async function acl(trial: Trial): Promise<void> {
  await judgeUser(trial, trial.leader);
  await lose(killRedis)(trial);
  await judgeUser(trial, await trial.stage.whole());
}

async function judgeUser(trial: Trial, leader: SetPod): Promise<void> {
  const { set } = trial;
  const as = ['--user', 'app', '--pass', 'of-app', '--no-auth-warning'];
  const asUser = (...words: readonly string[]): Promise<string> =>
    set.cluster.kubectl([
      ...['exec', leader.name, '--container=redis', '--', 'redis-cli'],
      ...[...as, ...words],
    ]);
  const expected: readonly (readonly [words: readonly string[], answer: RegExp])[] = [
    [['SET', 'app:x', '1'], /^OK/],
    [['SET', 'other:x', '1'], /NOPERM/],
    [['CONFIG', 'GET', '*'], /NOPERM/],
  ];
  for (const [words, answer] of expected) {
    const said = await asUser(...words);
    if (!answer.test(said))
      trial.object(`a user's ${words.join(' ')} is answered with: ${said.trim()}`);
  }
}

/** Asks an agent over HTTP. From its own pod, for others may not. */
async function ask(
  { set }: Trial,
  { name, address }: SetPod,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const url = `http://${address}:${agentPort}/${path}`;
  const program = `fetch('${url}').then(async (answer) =>
    console.log(JSON.stringify({ status: answer.status, body: await answer.text() })))`;
  const exec = ['exec', name, '--container=agent', '--', 'node', '--eval', program];
  return JSON.parse(await set.cluster.kubectl(exec)) as { status: number; body: string };
}

/** What a program complained of when it ended with another code than 0; `null` when it did not. */
async function refusal(attempt: Promise<string>): Promise<string | null> {
  try {
    await attempt;
    return null;
  } catch (error) {
    return error instanceof CommandError ? error.stderr.trim() : String(error);
  }
}
