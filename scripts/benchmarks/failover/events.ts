import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../agent/errors.ts';
import type { Cluster } from '../../experiment/cluster.ts';
import { fault } from '../../experiment/machine-post.ts';
import type { SetPod } from '../../experiment/redis-set.ts';
import { containerId } from '../../experiment/strike.ts';
import type { Workload } from '../../experiment/workload.ts';
import type { SignalName } from '../../workload/killer.ts';
import type { Killed } from '../../workload/record.ts';
import { wallClockMs } from '../../workload/wall-clock.ts';
import type { System } from './system.ts';

/** How long a Redis hangs, in milliseconds. */
const hangMs = 10_000;
/** How long a machine is away: less than it takes Kubernetes to replace its pods. */
const cutMs = 20_000;
/** Runs of what is over in seconds, and of what is not. */
const runs = { short: 20, long: 10 };

/** What happens, to whom. */
export interface Scene {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly system: System;
  readonly primary: SetPod;
}

/** What has happened. */
export interface Aftermath {
  /** When it began, on the clock of the machines. */
  readonly atMs: number;
  /** Lets it go on to its end, and resolves then. The system need not be whole by then. */
  readonly end: () => Promise<unknown>;
}

/** A signal could not be sent: what went wrong is not the doing of the system. */
export class NotStruckError extends Error {
  override readonly name = 'NotStruckError';
}

/** Something that happens to a primary. */
export interface FailoverEvent {
  /** As it stands in tables. */
  readonly name: string;
  /** Runs when nothing else is asked for. */
  readonly runs: number;
  /** Needs the cluster of scripts/cluster. */
  readonly needsTestbed?: boolean;
  /** Somebody wants it: another one must be the primary afterwards. */
  readonly isPlanned?: boolean;
  /** Gets ready, and returns the blow itself. */
  readonly aim: (scene: Scene) => Promise<() => Promise<Aftermath>>;
}

/** All of them, in the order in which they are played. */
export const events: readonly FailoverEvent[] = [
  { name: 'Redis killed', runs: runs.short, aim: kill },
  { name: 'pod deleted', runs: runs.short, isPlanned: true, aim: deletion() },
  {
    name: 'pod deleted by force',
    runs: runs.short,
    aim: deletion('--force', '--grace-period=0'),
  },
  { name: `Redis hung for ${hangMs / 1000} s`, runs: runs.short, aim: hang },
  { name: 'planned switch', runs: runs.short, isPlanned: true, aim: switchOver },
  { name: 'rolling restart', runs: runs.long, isPlanned: true, aim: restart },
  {
    ...{ name: `machine cut off for ${cutMs / 1000} s`, runs: runs.long, needsTestbed: true },
    aim: cutOff,
  },
];

async function kill(scene: Scene): Promise<() => Promise<Aftermath>> {
  const blow = await signalsTo(scene, ['SIGKILL']);
  return async () => ({ atMs: (await blow()).atMs, end: nothing });
}

async function hang(scene: Scene): Promise<() => Promise<Aftermath>> {
  const signal = await signalsTo(scene, ['SIGSTOP', 'SIGCONT']);
  return async () => {
    const { atMs } = await signal();
    const end = async (): Promise<void> => {
      await sleep(Math.max(0, atMs + hangMs - wallClockMs()));
      await signal();
    };
    return { atMs, end };
  };
}

/** Each call sends the Redis of the primary the next signal. */
async function signalsTo(
  { workload, primary }: Scene,
  signals: readonly SignalName[],
): Promise<() => Promise<Killed>> {
  const sure = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw new NotStruckError(messageOf(error), { cause: error });
    });
  const ids = [containerId(primary, 'redis')];
  const send = await sure(workload.aim(primary.machine, ids, { signals }));
  return () => sure(send());
}

function deletion(...words: readonly string[]): FailoverEvent['aim'] {
  return ({ cluster, primary }) => {
    const all = ['delete', 'pod', primary.name, '--wait=false', ...words];
    return asked(() => cluster.kubectl(all));
  };
}

function switchOver({ system, primary }: Scene): Promise<() => Promise<Aftermath>> {
  return asked(() => system.switchOver(primary));
}

function restart({ cluster, system }: Scene): Promise<() => Promise<Aftermath>> {
  const name = `statefulset/${system.statefulSet}`;
  const end = (): Promise<string> => cluster.kubectl(['rollout', 'status', name, '--timeout=300s']);
  return asked(() => cluster.kubectl(['rollout', 'restart', name]), end);
}

function cutOff({ primary }: Scene): Promise<() => Promise<Aftermath>> {
  return Promise.resolve(async () => {
    const atMs = wallClockMs();
    const heal = await fault(['cut', primary.machine], ['heal', primary.machine]);
    const end = async (): Promise<void> => {
      await sleep(Math.max(0, atMs + cutMs - wallClockMs()));
      await heal();
    };
    return { atMs, end };
  });
}

/** What begins with a request, and is dated from when that was sent. */
function asked(
  request: () => Promise<unknown>,
  end: () => Promise<unknown> = nothing,
): Promise<() => Promise<Aftermath>> {
  return Promise.resolve(async () => {
    const atMs = wallClockMs();
    await request();
    return { atMs, end };
  });
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
