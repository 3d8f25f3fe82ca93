import { setTimeout as sleep } from 'node:timers/promises';
import type { SetPod } from '../experiment/redis-set.ts';
import { containerId } from '../experiment/strike.ts';
import type { Case, Scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

/** Keys that everybody has before, and afterwards. */
const keyCount = 1000;
/** How long a healthy set is looked at. */
const healthyMs = 15_000;
/** A wreck has been seen by then by whoever looks at all. */
const seenMs = 1000;

type Command = readonly [pod: string, ...command: string[]];

/** What somebody does by hand. */
interface Wreck {
  readonly name: string;
  readonly commands: (pods: Pods) => Command[];
}

interface Pods {
  readonly leader: SetPod;
  readonly one: SetPod;
  readonly other: SetPod;
  /** Port of Redis. */
  readonly port: string;
}

const twoPrimaries: Wreck = {
  name: 'two primaries',
  commands: ({ one }) => free(one),
};
const nobody: Wreck = {
  name: 'all replicas of a dead host',
  commands: ({ leader, one, other }) =>
    // Nothing listens on that port.
    [leader, one, other].map(({ name }) => [name, 'REPLICAOF', '127.0.0.1', '1']),
};
const chain: Wreck = {
  name: 'a chain',
  commands: ({ one, other, port }) => [[other.name, 'REPLICAOF', one.address, port]],
};
const loop: Wreck = {
  name: 'a loop of replicas',
  commands: ({ one, other, port }) => [
    [one.name, 'REPLICAOF', other.address, port],
    [other.name, 'REPLICAOF', one.address, port],
  ],
};
const stray: Wreck = {
  name: 'a stray with fewer keys',
  commands: ({ one }) => [
    ...free(one),
    [one.name, 'UNLINK', ...Array.from({ length: keyCount }, (_, n) => `filled:${n}`)],
    [one.name, 'SET', 'stray', 'was here'],
  ],
};
const wrongMaster: Wreck = {
  name: 'all follow a replica',
  commands: ({ leader, one, other, port }) => [
    [leader.name, 'REPLICAOF', one.address, port],
    [other.name, 'REPLICAOF', one.address, port],
  ],
};

/** Somebody has set up replication by hand, and wrongly. */
export const wrecks: Scenario = {
  id: 'S12',
  holds:
    'a set that was wrecked by hand is one again with all its keys, and a whole one is left alone',
  cases: [
    { name: 'whole', mayLose: 'nothing', play: leaveAlone },
    ...[twoPrimaries, nobody, stray, wrongMaster].map(whileRunning),
    ...[chain, loop].map(whileRunning).map(extra),
    beforeStart(stray),
    ...[twoPrimaries, nobody, wrongMaster].map(beforeStart).map(extra),
  ],
};

function free({ name }: SetPod): Command[] {
  return [
    [name, 'REPLICAOF', 'NO', 'ONE'],
    [name, 'CONFIG', 'SET', 'min-replicas-to-write', '0'],
  ];
}

function extra(one: Case): Case {
  return { ...one, isExtra: true };
}

/** The agents are there, and see it come. */
function whileRunning(wreck: Wreck): Case {
  return {
    ...{ name: wreck.name, isWreck: true, mayLose: 'nothing' },
    play: (trial) =>
      repaired(trial, async () => {
        await send(trial, wreck);
        await sleep(seenMs);
      }),
  };
}

/** The agents stand still meanwhile, and what they find when they start is the wreck. */
function beforeStart(wreck: Wreck): Case {
  return {
    ...{ name: `${wreck.name}, found at start`, isWreck: true, mayLose: 'unreplicated' },
    play: (trial) =>
      repaired(trial, async () => {
        const pods = await trial.set.pods();
        const signals = ['SIGSTOP', 'SIGKILL'] as const;
        const aimed = pods.map((pod) =>
          trial.workload.aim(pod.machine, [containerId(pod, 'agent')], { signals }),
        );
        const blows = await Promise.all(aimed);
        const stopped = await Promise.all(blows.map((blow) => blow()));
        try {
          await send(trial, wreck);
          trial.leaderLost(Math.max(...stopped.map(({ atMs }) => atMs)));
        } finally {
          await Promise.all(blows.map((blow) => blow()));
        }
      }),
  };
}

async function send({ workload, stage, set, leader }: Trial, wreck: Wreck): Promise<void> {
  const [one, other] = (await set.pods()).filter(({ uid }) => uid !== leader.uid);
  if (one === undefined || other === undefined) throw new Error('there are not two followers');
  const commands = wreck.commands({ leader, one, other, port: String(set.port) });
  await workload.send(stage.hosts, commands);
}

/** Wrecks the set, and asks for the keys of all pods when it is whole again. */
async function repaired(trial: Trial, wreck: () => Promise<void>): Promise<void> {
  const { workload, stage, set } = trial;
  await workload.fill(set.leaderHost, keyCount, 100);
  await trial.written('after the keys');
  await stage.whole();
  await wreck();
  const begunMs = performance.now();
  await stage.whole();
  trial.measure('milliseconds to a whole set', performance.now() - begunMs);
  await trial.written('after the repair');
  const names = Array.from({ length: keyCount }, (_, n) => `filled:${n}`);
  const commands = [...stage.hosts.keys()].flatMap((pod): Command[] => [
    [pod, 'EXISTS', ...names],
    [pod, 'EXISTS', 'stray'],
  ]);
  const counts = (await workload.send(stage.hosts, commands)).map(Number);
  const kept = counts.filter((_, index) => index % 2 === 0);
  const strays = counts.filter((_, index) => index % 2 === 1);
  trial.demand(
    kept.every((count) => count === keyCount),
    `of ${keyCount} keys the pods have ${kept.join(', ')}`,
  );
  trial.demand(
    strays.every((count) => count === 0),
    'a write of the stray is part of the set',
  );
}

/** Nobody re-points a Redis or ends connections of a set that is whole. */
async function leaveAlone(trial: Trial): Promise<void> {
  const before = await interventions(trial);
  await sleep(healthyMs);
  const after = await interventions(trial);
  trial.demand(before === after, `commands sent to a whole set: ${before} before, ${after} after`);
}

/** How often Redis was told what changes a set: MONITOR does not show these commands. */
async function interventions({ workload, stage }: Trial): Promise<string> {
  const commands = [...stage.hosts.keys()].map((pod) => [pod, 'INFO', 'commandstats'] as const);
  const texts = await workload.send(stage.hosts, commands);
  const told = /^cmdstat_(?:replicaof|slaveof|client\|kill|failover):calls=\d+/gm;
  return texts.map((text) => (text.match(told) ?? ['none']).join(' ')).join('; ');
}
