import type { SignalName } from '../workload/killer.ts';
import type { Killed } from '../workload/record.ts';
import type { Session } from './session.ts';

/** After so long without a word a killer may not have heard what it was told, in milliseconds. */
const deafMs = 10_000;
/** How often that is waited for. */
const attempts = 3;
const readyMs = 30_000;

/** Who sends signals, and where. */
export interface KillingOptions {
  /** Begins a killer that has these signals to send. */
  readonly start: (signals: readonly SignalName[]) => Session;
  readonly signals: readonly SignalName[];
  /** For messages. */
  readonly machine: string;
  /** How long one may say nothing, in milliseconds; 10 s by default. */
  readonly silenceMs?: number;
}

/**
 * Gets ready to send signals, one at each call of what it resolves with.
 *
 * What `kubectl exec` is given on standard input does not always arrive: kubernetes/kubernetes#112834. So
 * one that says nothing is replaced. The blow comes late then, and is dated by whoever deals it.
 */
export async function aimed(options: KillingOptions): Promise<() => Promise<Killed>> {
  const { start, signals, machine, silenceMs = deafMs } = options;
  let killer = await ready(start(signals), machine);
  const killers = [killer];
  const heard = (): Killed[] =>
    killers.flatMap((one) => one.of('killed')).sort((one, other) => one.atMs - other.atMs);
  return async () => {
    const count = heard().length;
    killer.tell();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const wait = { what: `killing on ${machine}`, timeoutMs: silenceMs };
        return await killer.until(() => heard()[count], wait);
      } catch (error) {
        if (attempt === attempts || killer.isOver) {
          void killer.stop();
          throw error;
        }
        // Who finds nothing to aim at comes after one that has been heard of late.
        const another = await ready(start(signals.slice(count)), machine).catch(() => null);
        if (another === null) continue;
        void killer.stop();
        killers.push(another);
        killer = another;
        killer.tell();
      }
    }
  };
}

async function ready(killer: Session, machine: string): Promise<Session> {
  const what = `aiming at a container on ${machine}`;
  await killer.until(() => killer.of('clock')[0], { what, timeoutMs: readyMs });
  return killer;
}
