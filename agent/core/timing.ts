/**
 * The timings of leadership, and the inequalities that make them safe.
 *
 * A leader stops by itself F after it *sent* its last good renewal; a rival starts no earlier than
 * L after it saw the record change. C2 keeps the first before the second although the two clocks
 * may run at rates that differ by twice `clockRateError`. The chart checks the same inequalities
 * when it renders, with the same sentences.
 */

/** How far a clock's rate may be off, as a share: 1 %, ten times what a quartz clock does. */
export const clockRateError = 0.01;

/** All durations in milliseconds, but where the name says seconds. */
export interface Timing {
  /** r: from one renewal of the Lease to the next. */
  readonly renewPeriodMs: number;
  /** q: a request to the API server that takes longer has failed. */
  readonly requestTimeoutMs: number;
  /** L: whole seconds; a follower that saw no renewal for so long may take over. */
  readonly leaseDurationSeconds: number;
  /** F: a leader that could not renew refuses writes so long after it sent the last good renewal. */
  readonly fenceDeadlineMs: number;
  /** X: the longest time to carry out a fence on the local Redis. */
  readonly fenceTimeoutMs: number;
  /** M: whole seconds without an acknowledgement after which a replica no longer counts. */
  readonly replicaLagSeconds: number;
  /** P: how long a member that promises keeps still for a leader that cannot renew. */
  readonly promiseMs: number;
  /** B: a Redis that leaves a PING unanswered for so long hangs. */
  readonly beatTimeoutMs: number;
}

/** The names of the ready-made timings. */
export const timingProfiles = ['fast', 'default', 'calm'] as const;
/** One of `timingProfiles`. */
export type TimingProfile = (typeof timingProfiles)[number];

/** The ready-made timings: protocol section 7. */
export const timings: Readonly<Record<TimingProfile, Timing>> = {
  fast: {
    renewPeriodMs: 800,
    requestTimeoutMs: 800,
    leaseDurationSeconds: 4,
    fenceDeadlineMs: 2600,
    fenceTimeoutMs: 400,
    replicaLagSeconds: 1,
    promiseMs: 3000,
    beatTimeoutMs: 1500,
  },
  default: {
    renewPeriodMs: 1500,
    requestTimeoutMs: 1200,
    leaseDurationSeconds: 6,
    fenceDeadlineMs: 4200,
    fenceTimeoutMs: 500,
    replicaLagSeconds: 2,
    promiseMs: 5000,
    beatTimeoutMs: 3000,
  },
  calm: {
    renewPeriodMs: 3000,
    requestTimeoutMs: 3000,
    leaseDurationSeconds: 15,
    fenceDeadlineMs: 11_000,
    fenceTimeoutMs: 1000,
    replicaLagSeconds: 5,
    promiseMs: 12_000,
    beatTimeoutMs: 8000,
  },
};

/** The shortest renew period, so that a typing error cannot flood the API server (C10). */
const renewPeriodMinMs = 500;

/**
 * What is wrong with a set of timings: one sentence for each broken rule, none when all hold. Each
 * sentence names both values and what would go wrong.
 */
export function timingFaults(timing: Timing): readonly string[] {
  const { renewPeriodMs, requestTimeoutMs, fenceDeadlineMs, fenceTimeoutMs } = timing;
  const faults: string[] = [];
  const leaseMs = timing.leaseDurationSeconds * 1000;
  const twoTriesMs = renewPeriodMs + 2 * requestTimeoutMs;
  if (renewPeriodMs < renewPeriodMinMs) {
    faults.push(
      `renewPeriodMs (${renewPeriodMs}) must be at least ${renewPeriodMinMs}: each renewal is a write to the API server`,
    );
  }
  if (fenceDeadlineMs < twoTriesMs) {
    faults.push(
      `fenceDeadlineMs (${fenceDeadlineMs}) must be at least renewPeriodMs + 2 * requestTimeoutMs (${twoTriesMs}): one lost request must not stop the leader`,
    );
  }
  const rivalMs = leaseMs * (1 - 2 * clockRateError);
  if (fenceDeadlineMs + fenceTimeoutMs > rivalMs) {
    faults.push(
      `fenceDeadlineMs + fenceTimeoutMs (${fenceDeadlineMs + fenceTimeoutMs}) must be at most 98 % of leaseDurationSeconds (${rivalMs}): a leader has to stop before another may start`,
    );
  }
  if (timing.replicaLagSeconds + 2 > timing.leaseDurationSeconds) {
    faults.push(
      `replicaLagSeconds + 2 (${timing.replicaLagSeconds + 2}) must be at most leaseDurationSeconds (${timing.leaseDurationSeconds}): Redis' own fence has to close before another leader may start`,
    );
  }
  return [...faults, ...promiseFaults(timing)];
}

function promiseFaults(timing: Timing): readonly string[] {
  const { renewPeriodMs, requestTimeoutMs, fenceTimeoutMs, promiseMs } = timing;
  const faults: string[] = [];
  const neededMs = renewPeriodMs + 2 * requestTimeoutMs + fenceTimeoutMs;
  if (promiseMs * (1 - 2 * clockRateError) < neededMs) {
    faults.push(
      `98 % of promiseMs (${promiseMs}) must be at least renewPeriodMs + 2 * requestTimeoutMs + fenceTimeoutMs (${neededMs}): a promise has to outlast the tries to renew`,
    );
  }
  const leaseMs = timing.leaseDurationSeconds * 1000;
  if (promiseMs > leaseMs) {
    faults.push(
      `promiseMs (${promiseMs}) must be at most leaseDurationSeconds (${leaseMs} ms): a member that restarts forgets its promise, and waits a lease duration instead`,
    );
  }
  return faults;
}

/** L as a follower waits for it: longer by what its clock may run fast. */
export function silenceMs(timing: Timing): number {
  return timing.leaseDurationSeconds * 1000 * (1 + clockRateError);
}

/** The longest that a promise can bind, by the clock of who gave it, in milliseconds. */
export function promisedMs(timing: Timing): number {
  return timing.promiseMs * (1 + clockRateError);
}
