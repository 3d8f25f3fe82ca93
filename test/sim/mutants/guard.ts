import { timings } from '../../../agent/core/timing.ts';
import { apiOnly, awayFromApi, overruled, slowHandover } from '../circumstances.ts';
import type { Mutant } from '../mutant.ts';

/** How many copies a write needs, and what members promise. */
export const guardMutants: readonly Mutant[] = [
  {
    name: 'lowers what its Redis asks for before the Lease says so',
    caughtBy: ['W'],
    where: awayFromApi,
    edits: [
      {
        file: 'guard.ts',
        find: "return writeLease(turn, 'guard-lower', guarded(record, turn.self, wanted));",
        put: "return act(turn, 'guard-lower', { kind: 'admit', requiredReplicas: wanted });",
      },
    ],
  },
  {
    name: 'lowers what its Redis asks for while it is cut off',
    caughtBy: ['W', 'I17'],
    where: awayFromApi,
    edits: [
      {
        file: 'guard.ts',
        find: "    return writeLease(turn, 'guard-lower'",
        put: "    if (turn.seen.leaseFailedAtMs !== null && redis.requiredReplicas > wanted)\n      return act(turn, 'guard-lower', { kind: 'admit', requiredReplicas: wanted });\n    return writeLease(turn, 'guard-lower'",
      },
      {
        file: 'guard.ts',
        find: 'return redis.requiredReplicas >= openingReplicas(turn, record) && redis.requiredReplicas <= most;',
        put: 'return redis.requiredReplicas <= most;',
      },
    ],
  },
  {
    name: 'publishes copies that its Redis does not ask for',
    caughtBy: ['W'],
    where: {
      ...awayFromApi,
      faults: ['redis-killed'],
      api: { delayMinMs: 200, delayMaxMs: 500, lossShare: 0, watchDelayMaxMs: 0, staleShare: 0 },
    },
    edits: [
      {
        file: 'guard.ts',
        find: 'return isKnown ? record',
        put: 'return isKnown || requiredReplicas >= 0 ? record',
      },
      {
        file: 'guard.ts',
        find: 'if (redis.requiredReplicas < wanted) {',
        put: 'if (redis.requiredReplicas < 0) {',
      },
    ],
  },
  {
    name: 'never raises again what a write needs',
    caughtBy: ['liveness'],
    where: { ...awayFromApi, faults: [] },
    edits: [
      {
        file: 'guard.ts',
        find: 'return redis.goodReplicas >= requiredReplicas ? requiredReplicas : published;',
        put: 'return published;',
      },
    ],
  },
  {
    name: 'asks for no promises',
    // It goes on to be woken for what it does not do.
    caughtBy: ['I16', 'busy'],
    where: apiOnly,
    edits: [
      {
        file: 'reign.ts',
        find: 'if (promisesDueMs !== null && nowMs >= promisesDueMs',
        put: 'if (promisesDueMs !== null && nowMs < 0',
      },
    ],
  },
  {
    name: 'counts a promise from the answer, and to its very end',
    caughtBy: ['I4'],
    where: {
      ...awayFromApi,
      faults: ['api-away', 'cut-from-peers', 'agent-stalled'],
      network: { delayMinMs: 0.2, delayMaxMs: 400, lossShare: 0 },
    },
    shell: { grantedAt: (_sentAtMs, nowMs) => nowMs },
    edits: [
      {
        file: 'promise.ts',
        find: 'timing.promiseMs * (1 - 2 * clockRateError) - timing.fenceTimeoutMs;',
        put: 'timing.promiseMs;',
      },
    ],
  },
  {
    name: 'forgets what it has promised',
    caughtBy: ['I14'],
    where: awayFromApi,
    edits: [
      {
        file: 'promise.ts',
        find: 'if (promised === null || nowMs >= promised.untilMs) return null;',
        put: 'if (promised === null || nowMs >= 0) return null;',
      },
    ],
  },
  {
    name: 'claims the lease of a leader that it has promised to',
    caughtBy: ['I14'],
    where: awayFromApi,
    edits: [
      {
        file: 'vacancy.ts',
        find: "return boundMs === null ? awaitTwin(turn, lease) : wait(turn, 'promise-kept', boundMs);",
        put: 'return awaitTwin(turn, lease);',
      },
      {
        file: 'vacancy.ts',
        find: 'return boundMs === null ? expiresMs : latest(expiresMs, boundMs);',
        put: 'return expiresMs;',
      },
    ],
  },
  {
    name: 'takes the lease of a living leader for a person',
    caughtBy: ['I1', 'I2', 'I4', 'I14'],
    where: { ...awayFromApi, faults: ['override', 'watch-stalled'], faultPeriodMs: 900 },
    edits: [
      {
        file: 'override.ts',
        find: 'if (turn.seen.nowMs < vacantAt(turn, lease)) return null;',
        put: '',
      },
    ],
  },
  {
    name: 'leads on the promises of some',
    caughtBy: ['I4', 'I2'],
    where: awayFromApi,
    edits: [
      {
        file: 'promise.ts',
        find: 'return durability.strictQuorum ? durability.requiredReplicas : members - 1;',
        put: 'return durability.strictQuorum ? durability.requiredReplicas : Math.min(1, members - 1);',
      },
    ],
  },
  {
    name: 'lets promises bring back a right that has ended',
    caughtBy: ['I1', 'I2', 'I4'],
    where: {
      ...awayFromApi,
      pods: 2,
      faults: ['left-behind', 'api-away', 'agent-killed'],
      faultPeriodMs: 3000,
      calmAtMs: 60_000,
      endAtMs: 95_000,
    },
    edits: [
      {
        file: 'tenure.ts',
        find: 'return byPromise === null || nowMs >= lastMs ?',
        put: 'return byPromise === null || nowMs < 0 ?',
      },
      {
        file: 'reign.ts',
        find: 'nowMs >= promisesDueMs && nowMs < untilMs',
        put: 'nowMs >= promisesDueMs',
      },
    ],
  },
  {
    name: 'asks for a successor before it mends what a person has set',
    caughtBy: ['W'],
    where: slowHandover,
    edits: [
      {
        file: 'reign.ts',
        find: 'mend(turn, record, redis) ?? handOver(turn, record, redis)',
        put: 'handOver(turn, record, redis) ?? mend(turn, record, redis)',
      },
    ],
  },
  {
    name: 'publishes what a Redis that does not answer may be about to lower',
    caughtBy: ['W'],
    where: {
      ...{ ...slowHandover, network: { delayMinMs: 100, delayMaxMs: 400, lossShare: 0 } },
      // W is lowered and raised all the time: each replica that hangs counts, and soon.
      durability: { requiredReplicas: 2, onReplicaLoss: 'degrade', strictQuorum: false },
      ...{ timing: { ...timings.calm, replicaLagSeconds: 1 }, faultPeriodMs: 600 },
    },
    edits: [{ file: 'guard.ts', find: 'return redis.answered\n', put: 'return true\n' }],
  },
  {
    name: 'goes on by promises although a member knows a later term',
    caughtBy: ['I2'],
    where: { ...overruled, faults: ['override', 'cut-from-peers', 'cut-from-api', 'api-down'] },
    edits: [{ file: 'tenure.ts', find: 'isDeposed ? null', put: 'isDeposed && false ? null' }],
  },
];
