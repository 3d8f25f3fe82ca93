import {
  scaled,
  scaledAwayFromApi,
  scaledInFaults,
  scaledStrict,
  scaledToOne,
  scaledWithoutLease,
  unguarded,
} from '../circumstances.ts';
import type { Mutant } from '../mutant.ts';

/** A pod may end before its last answer arrives. */
const slowNetwork = { delayMinMs: 10, delayMaxMs: 20, lossShare: 0 };

/** A set that is scaled: agents of two sizes live side by side. */
export const sizeMutants: readonly Mutant[] = [
  {
    name: 'follows a leader before the Lease counts its pod',
    caughtBy: ['I19'],
    where: scaled,
    edits: [
      {
        file: 'size.ts',
        find: 'return self.ordinal < self.members;',
        put: 'return self.members > 0;',
      },
    ],
  },
  {
    name: 'asks only the members that it was configured with',
    caughtBy: ['I6'],
    where: scaledInFaults,
    edits: [
      {
        file: 'size.ts',
        find: '? self.members : record.members;',
        put: '? self.members : Math.min(self.members, record.members);',
      },
    ],
  },
  {
    name: 'leads by the promises of those whom the Lease counted before it raised the size',
    caughtBy: ['I2', 'I4'],
    where: scaledAwayFromApi,
    edits: [
      {
        file: 'size.ts',
        find: 'members: Math.max(recorded, growth?.members ?? 0)',
        put: 'members: growth === null ? recorded : recorded',
      },
    ],
  },
  {
    name: 'takes the place of a leader that does not count it, when somebody has deleted the Lease',
    caughtBy: ['I2', 'I4'],
    where: scaledWithoutLease,
    edits: [
      {
        file: 'vacancy.ts',
        find: "if (isBound) return askAgain(turn, 'promise-kept');",
        put: '',
      },
      {
        file: 'override.ts',
        find: 'record.revision === null ? askWhoRemembers(turn, lease) : null;',
        put: 'null as ReturnType<typeof askWhoRemembers>;',
      },
    ],
  },
  {
    name: 'waits for a quorum although it has all of a history that was ended for good',
    caughtBy: ['I18', 'liveness'],
    where: scaledStrict,
    edits: [
      {
        file: 'quorum.ts',
        find: 'if (hasWholeHistory(winner.position, record)) return true;',
        put: '',
      },
    ],
  },
  {
    name: 'waits for pods that were scaled away because it once held a Lease that was deleted',
    caughtBy: ['liveness'],
    where: {
      ...{ ...scaled, pods: 1, scalesTo: 2, durability: unguarded, persistence: 'none' },
      ...{ faults: ['redis-killed', 'lease-deleted', 'cut-from-api'], faultPeriodMs: 1500 },
    },
    edits: [
      {
        file: 'size.ts',
        find: ' && !isStaleMemory(counted, record)',
        put: '',
      },
    ],
  },
  {
    name: 'is left alone with writes that were given up, and leads with them',
    caughtBy: ['I3'],
    where: scaledToOne,
    edits: [
      {
        file: 'size.ts',
        find: "return found.kind === 'off-line' && found.why !== 'foreign';",
        put: "return found.kind === 'off-line' && found.why === 'foreign';",
      },
    ],
  },
  {
    name: 'lets the last pod that has a write be scaled away',
    caughtBy: ['I18'],
    where: { ...scaled, network: slowNetwork },
    edits: [
      {
        file: 'handover.ts',
        find: '(stop === null && switchover === null)',
        put: '(stop !== null || switchover === null)',
      },
    ],
  },
  {
    name: 'leaves a Lease to others that none of them can take',
    caughtBy: ['I18', 'liveness'],
    where: {
      ...{ ...scaled, pods: 1, scalesTo: 3, durability: unguarded },
      ...{ persistence: 'none', network: slowNetwork },
    },
    edits: [
      {
        file: 'decide.ts',
        find: "if (turn.seen.nowMs < othersUntilMs) return wait(turn, 'stopped', othersUntilMs);",
        put: "return wait(turn, 'stopped', never);",
      },
    ],
  },
];
