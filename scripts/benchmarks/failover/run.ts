import { setTimeout as sleep } from 'node:timers/promises';
import { uniquePrefix } from '../../experiment/failover.ts';
import type { Cluster } from '../../experiment/cluster.ts';
import type { SetPod } from '../../experiment/redis-set.ts';
import type { Session } from '../../experiment/session.ts';
import { clientName } from '../../experiment/workload-objects.ts';
import type { Workload } from '../../experiment/workload.ts';
import { say } from '../../progress.ts';
import { adoptClock, wallClockMs } from '../../workload/wall-clock.ts';
import type { Figure } from '../sample.ts';
import type { FailoverEvent } from './events.ts';
import { Laps } from './laps.ts';
import { measureOn } from './measure.ts';
import { lookMs, phaseMs, wholeTimeoutMs, type Phase, type System, type Way } from './system.ts';
import { verdictOf } from './verdict.ts';

/** Between two writes of an application, and between two reads, in milliseconds. */
const periodMs = 5;
/** Acknowledged writes after which an application is known to be at it. */
const warmWrites = 50;
/** For how long applications go on when all is well again, in milliseconds. */
const writeAfterMs = 1000;
/** Nothing takes so long but for ever. */
const patienceMs = 120_000;

/** Where it is played. */
export interface Ground {
  readonly cluster: Cluster;
  readonly workload: Workload;
}

interface Application {
  readonly way: Way;
  readonly prefix: string;
  readonly session: Session;
}

/**
 * One run, of a system that is whole: a figure for whatever is to be known of it. Rejects with a
 * `NotStruckError` when the event could not be brought about.
 */
export async function playRun(
  { cluster, workload }: Ground,
  system: System,
  event: FailoverEvent,
): Promise<Omit<Figure, 'subject' | 'event' | 'run'>[]> {
  adoptClock();
  const laps = new Laps();
  const primary = await system.whole();
  laps.mark('looking at it');
  await placeClient(cluster, workload, primary);
  laps.mark('placing clients');
  const applications = (await system.ways()).map((way, index): Application => {
    const prefix = `${index}${uniquePrefix()}`;
    return { way, prefix, session: workload.startClient(way.route, prefix, periodMs) };
  });
  try {
    await Promise.all(applications.map(({ session }) => writtenOften(session)));
    const blow = await event.aim({ cluster, workload, system, primary });
    await sleep(Math.random() * phaseMs);
    const { atMs, end } = await blow();
    laps.mark('getting ready');
    await end();
    // To look at the system would take from it what it needs now.
    await Promise.all(applications.map(({ session }) => written(session, atMs)));
    laps.mark('the event');
    await over(system, event, primary);
    laps.mark('settling');
    const sinceMs = wallClockMs();
    await Promise.all(applications.map(({ session }) => written(session, sinceMs)));
    await sleep(writeAfterMs);
    await Promise.all(applications.map(({ session }) => session.stop()));
    laps.mark('writing on');
    const figures = await Promise.all(applications.map((one) => judged(workload, one, atMs)));
    const phases = await system.phases(primary, atMs);
    laps.mark('reading back');
    return [...figures.flat(), ...phases.map((phase) => phaseFigure(phase, atMs))];
  } finally {
    say(`  ${laps.toString()}`);
    await Promise.all(applications.map(({ session }) => session.stop()));
  }
}

/** The application is never where the primary is: it is not what is tried. */
async function placeClient(cluster: Cluster, workload: Workload, primary: SetPod): Promise<void> {
  const words = ['get', 'pod', clientName, '--output=jsonpath={.spec.nodeName}'];
  if ((await cluster.kubectl(words)) !== primary.machine) return;
  const names = ['get', 'nodes', '--output=jsonpath={.items[*].metadata.name}'];
  const machines = (await cluster.kubectl(names)).split(' ');
  const other = machines.find((machine) => machine !== primary.machine);
  if (other === undefined) throw new Error('there is only one machine');
  await workload.moveClient(other);
}

/** Waits until what has happened is over, and the system has settled. */
async function over(system: System, event: FailoverEvent, former: SetPod): Promise<void> {
  const untilMs = performance.now() + wholeTimeoutMs;
  for (;;) {
    const { uid } = await system.settled();
    if (event.isPlanned !== true || uid !== former.uid) return;
    if (performance.now() > untilMs) throw new Error(`${former.name} is the primary still`);
    await sleep(lookMs);
  }
}

async function writtenOften(session: Session): Promise<void> {
  const look = (): true | undefined =>
    session.of('acknowledged').length >= warmWrites ? true : undefined;
  await session.until(look, { what: 'writing before anything happens', timeoutMs: patienceMs });
}

/** Waits until the application writes again. One that never does is a run without a value for its way. */
async function written(session: Session, sinceMs: number): Promise<void> {
  const untilMs = performance.now() + patienceMs;
  const look = (): true | undefined => {
    const writes = session.of('acknowledged').some(({ sentMs }) => sentMs > sinceMs);
    return writes || performance.now() > untilMs ? true : undefined;
  };
  await session.until(look, { what: 'writing after the event', timeoutMs: Infinity });
}

async function judged(
  workload: Workload,
  { way, prefix, session }: Application,
  eventMs: number,
): Promise<Omit<Figure, 'subject' | 'event' | 'run'>[]> {
  const acknowledged = session.of('acknowledged');
  const { missing } = await workload.check(
    way.route,
    prefix,
    acknowledged.map(({ n }) => n),
  );
  const seen = { acknowledged, stale: session.of('stale') };
  const { gapMs, lostCount, staleCount } = verdictOf(seen, missing, eventMs);
  return [
    { measure: measureOn('gap', way.name), unit: 'ms', value: rounded(gapMs) },
    { measure: measureOn('lost', way.name), unit: 'writes', value: lostCount },
    { measure: measureOn('stale', way.name), unit: 'reads', value: staleCount },
  ];
}

function phaseFigure({ name, atMs }: Phase, eventMs: number) {
  return { measure: `until ${name}`, unit: 'ms', value: rounded(Math.max(0, atMs - eventMs)) };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
