import {
  scaled,
  scaledAwayFromApi,
  scaledInFaults,
  scaledStrict,
  scaledStrictApart,
  scaledToOne,
  scaledWithoutDisks,
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
    name: 'leads by the promises of pods that a strict set may not count yet',
    caughtBy: ['I2', 'I4'],
    where: {
      ...{ ...scaledStrictApart, faultPeriodMs: 1500 },
      faults: ['cut-from-api', 'cut-from-peers', 'cut-one-way'],
    },
    edits: [
      {
        file: 'promise.ts',
        find: 'strictQuorum && members > 0 ? Math.min(members, self.members) : self.members;',
        put: 'strictQuorum && members > 0 ? self.members : self.members;',
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
    name: 'counts fewer pods of a strict set although it only claims, and may lack what the others have',
    caughtBy: ['I3'],
    where: scaledStrictApart,
    edits: [
      {
        file: 'shrinking.ts',
        find: 'if (strictQuorum && record.initialized) return',
        put: 'if (strictQuorum && !record.initialized) return',
      },
    ],
  },
  {
    name: 'counts fewer pods of a strict set without asking what those that stay have',
    caughtBy: ['I3'],
    where: {
      ...scaledStrictApart,
      faults: ['cut-from-peers', 'cut-from-api'],
      faultPeriodMs: 1500,
    },
    edits: [
      {
        file: 'shrinking.ts',
        find: 'return copies.length >= Math.min(record.requiredReplicas, members - 1);',
        put: 'return copies.length >= 0;',
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
        file: 'shrinking.ts',
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
        find: 'if (turn.seen.nowMs >= untilMs) return null;',
        put: "return wait(turn, 'stopped', never);",
      },
    ],
  },
  {
    name: 'leaves the Lease to others that cannot lead, while its pod goes away with the data',
    caughtBy: ['I18'],
    where: scaledWithoutDisks,
    edits: [
      {
        file: 'decide.ts',
        find: 'return record.initialized && fittest === null ?',
        put: 'return record.initialized && fittest === null && untilMs < 0 ?',
      },
    ],
  },
];
