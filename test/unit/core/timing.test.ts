import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  clockRateError,
  silenceMs,
  timingFaults,
  timingProfiles,
  timings,
  type Timing,
} from '../../../agent/core/timing.ts';

test.each(timingProfiles)('the ready-made timing %s keeps every rule', (profile) => {
  expect(timingFaults(timings[profile])).toEqual([]);
});

test.each<[string, Partial<Timing>, string]>([
  [
    'renews too often (C10)',
    { renewPeriodMs: 499 },
    'renewPeriodMs (499) must be at least 500: each renewal is a write to the API server',
  ],
  [
    'stops at the first lost request (C1)',
    { fenceDeadlineMs: 3899 },
    'fenceDeadlineMs (3899) must be at least renewPeriodMs + 2 * requestTimeoutMs (3900): one lost request must not stop the leader',
  ],
  [
    'stops after a rival may start (C2)',
    { fenceDeadlineMs: 5381 },
    'fenceDeadlineMs + fenceTimeoutMs (5881) must be at most 98 % of leaseDurationSeconds (5880): a leader has to stop before another may start',
  ],
  [
    "lets Redis' own fence close too late (C3)",
    { replicaLagSeconds: 5 },
    "replicaLagSeconds + 2 (7) must be at most leaseDurationSeconds (6): Redis' own fence has to close before another leader may start",
  ],
])('a timing that %s is refused with a sentence that names both values', (_, change, sentence) => {
  expect(timingFaults({ ...timings.default, ...change })).toEqual([sentence]);
});

test('a timing that breaks several rules is told of each', () => {
  const faults = timingFaults({
    ...timings.default,
    renewPeriodMs: 100,
    fenceDeadlineMs: 60_000,
    replicaLagSeconds: 60,
  });
  expect(faults).toHaveLength(3);
});

test('whatever timing is accepted, a leader with a slow clock stops before a rival with a fast one starts', () => {
  const aTiming = fc.record({
    renewPeriodMs: fc.integer({ min: 100, max: 10_000 }),
    requestTimeoutMs: fc.integer({ min: 100, max: 10_000 }),
    leaseDurationSeconds: fc.integer({ min: 1, max: 60 }),
    fenceDeadlineMs: fc.integer({ min: 100, max: 60_000 }),
    fenceTimeoutMs: fc.integer({ min: 1, max: 5000 }),
    replicaLagSeconds: fc.integer({ min: 0, max: 60 }),
    promiseMs: fc.integer({ min: 100, max: 60_000 }),
    beatTimeoutMs: fc.integer({ min: 100, max: 10_000 }),
  });
  fc.assert(
    fc.property(aTiming, (timing) => {
      fc.pre(timingFaults(timing).length === 0);
      const stopsMs = (timing.fenceDeadlineMs + timing.fenceTimeoutMs) / (1 - clockRateError);
      const startsMs = silenceMs(timing) / (1 + clockRateError);
      expect(stopsMs).toBeLessThan(startsMs);
    }),
    { numRuns: 20, maxSkipsPerRun: 5000 },
  );
});
