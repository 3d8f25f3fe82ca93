import { setTimeout as sleep } from 'node:timers/promises';
import type { Acknowledged, Failed } from '../workload/record.ts';
import { wallClockMs } from '../workload/wall-clock.ts';
import { agentLog } from './agent-log.ts';
import type { SetPod } from './redis-set.ts';
import type { Session } from './session.ts';
import type { Strike, Striker } from './strike.ts';
import { timeLine, type Step } from './timeline.ts';
import { Watch, type Change } from './watch.ts';

/** How a failover is provoked. */
export interface FailoverOptions {
  readonly strike: Strike;
  /** The leader's pod, which is struck. */
  readonly leader: SetPod;
  /** The beginning of the keys that the writer uses. */
  readonly prefix: string;
  /** Milliseconds to write before. Different ones strike in different phases of the renewal. */
  readonly writeBeforeMs: number;
}

/** What came of it. */
export interface Failover {
  readonly prefix: string;
  readonly killedMs: number;
  readonly steps: readonly Step[];
  /** From the kill to the first write that was acknowledged afterwards. */
  readonly writableAfterMs: number;
  /** All acknowledged writes, before and after. */
  readonly acknowledged: readonly Acknowledged[];
  /** Failed writes, each another way than the one before. */
  readonly failures: readonly Failed[];
}

/** Acknowledged writes after which the writer is known to be at it. */
const warmWrites = 20;
/** For how long writing goes on afterwards. */
const writeAfterMs = 2000;
/** No failover takes so long: then it has failed. */
const writableTimeoutMs = 90_000;

/** Writes through the leader Service, strikes the leader, and waits until writes are taken again. */
export async function failOver(striker: Striker, options: FailoverOptions): Promise<Failover> {
  const { set, workload } = striker;
  const { leader, prefix } = options;
  const writer = workload.startWriter(set.leaderService, prefix);
  const lease = new Watch(set.cluster, 'lease', set.leaseName, '.spec.holderIdentity');
  const slice = new Watch(
    set.cluster,
    'endpointslice',
    set.sliceName,
    '.endpoints[*].addresses[0]',
  );
  try {
    await isWriting(writer);
    const differenceMs = await writer.clockDifferenceMs();
    const blow = await options.strike(striker, leader);
    await sleep(options.writeBeforeMs);
    const killedMs = await blow();
    const firstWrite = await writesAgain(writer, killedMs);
    await sleep(writeAfterMs);
    await writer.stop();
    const here = (change: Change): Change => ({ ...change, atMs: change.atMs + differenceMs });
    const pods = (await set.pods()).filter(({ containers }) => containers.has('agent'));
    const steps = timeLine({
      ...{ killedMs, leader: leader.name, firstWrite },
      ...{ lease: lease.changes.map(here), slice: slice.changes.map(here) },
      log: await agentLog(
        set.cluster,
        pods.map(({ name }) => name),
        killedMs - 1,
      ),
    });
    const writableAfterMs = firstWrite.atMs - killedMs;
    const writes = { acknowledged: writer.of('acknowledged'), failures: writer.of('failed') };
    return { prefix, killedMs, steps, writableAfterMs, ...writes };
  } finally {
    await Promise.all([writer.stop(), lease.stop(), slice.stop()]);
  }
}

/** Which of the acknowledged writes the leader no longer has. Reads each of them. */
export async function lostWrites(striker: Striker, failover: Failover): Promise<Acknowledged[]> {
  const { set, workload } = striker;
  const numbers = failover.acknowledged.map(({ n }) => n);
  const { missing } = await workload.check(set.leaderService, failover.prefix, numbers);
  const gone = new Set(missing);
  return failover.acknowledged.filter(({ n }) => gone.has(n));
}

/** A name for the keys of one run that no other run uses. */
export function uniquePrefix(): string {
  return `w${Math.round(wallClockMs()).toString(36)}:`;
}

async function isWriting(writer: Session): Promise<void> {
  const look = (): true | undefined =>
    writer.of('acknowledged').length >= warmWrites ? true : undefined;
  await writer.until(look, { what: 'writing before the kill', timeoutMs: 30_000 });
}

/** The first write that a new connection brought through: the old one ended with its Redis. */
function writesAgain(writer: Session, killedMs: number): Promise<Acknowledged> {
  const before = writer.of('acknowledged').findLast(({ sentMs }) => sentMs < killedMs);
  const connection = before?.connection ?? 0;
  const look = (): Acknowledged | undefined =>
    writer.of('acknowledged').find((one) => one.connection > connection && one.sentMs > killedMs);
  return writer.until(look, { what: 'writing after the kill', timeoutMs: writableTimeoutMs });
}
