import { forgotten, inherited, lateNews, strictSet, twinned } from '../circumstances.ts';
import type { Mutant } from '../mutant.ts';

/** Strict sets, what a person asks for, and clients. */
export const choiceMutants: readonly Mutant[] = [
  {
    name: 'promotes in a strict set without a quorum',
    caughtBy: ['I3'],
    where: strictSet,
    edits: [
      {
        file: 'quorum.ts',
        find: 'if (!strictQuorum) return true;',
        put: 'if (!strictQuorum || self.members > 0) return true;',
      },
    ],
  },
  {
    name: 'names another while its own Redis goes on to follow the old leader',
    caughtBy: ['I3'],
    where: {
      ...strictSet,
      faults: ['agent-killed', 'agent-killed-at-step', 'agent-stalled', 'cut-from-api'],
      faultPeriodMs: 2000,
    },
    edits: [
      {
        file: 'takeover.ts',
        find: "if (redis.kind === 'up' && redis.source !== null) return withdrawReplica(turn, redis);",
        put: '',
      },
    ],
  },
  {
    name: 'counts members that still follow the old leader',
    caughtBy: ['I2', 'I3'],
    where: { ...strictSet, faults: ['agent-stalled', 'watch-stalled'], faultPeriodMs: 2000 },
    edits: [
      {
        file: 'quorum.ts',
        find: 'if (position === null || !withdrawn || !position.streamed) return false;',
        put: 'if (position === null || !position.streamed) return false;',
      },
    ],
  },
  {
    name: 'leads for a hung Redis before its replicas have left it',
    caughtBy: ['I3'],
    where: lateNews,
    edits: [
      {
        file: 'takeover.ts',
        find: "return cause === 'redis-hung' && self.durability.strictQuorum;",
        put: "return cause === 'redis-down' && self.durability.strictQuorum;",
      },
    ],
  },
  {
    name: 'counts members that have read their data from a disk',
    caughtBy: ['I3'],
    // Dumps are old: they lack writes that their pod has acknowledged.
    where: { ...strictSet, persistence: 'rdb' },
    edits: [
      {
        file: 'quorum.ts',
        find: 'if (position === null || !withdrawn || !position.streamed) return false;',
        put: 'if (position === null || !withdrawn) return false;',
      },
    ],
  },
  {
    name: 'prefers a favourite to a confirmed write',
    caughtBy: ['I3', 'liveness'],
    where: { ...strictSet, priorities: [100, 10, 100], writeBytes: 40 },
    edits: [
      {
        file: 'quorum.ts',
        find: 'return durability.strictQuorum ? 0 : maximumLagBytes;',
        put: 'return durability.strictQuorum ? maximumLagBytes : maximumLagBytes;',
      },
    ],
  },
  {
    name: 'leaves behind what only a member has that may not lead',
    caughtBy: ['I3'],
    where: { ...strictSet, priorities: [100, 0, 100] },
    edits: [
      {
        file: 'quorum.ts',
        find: 'if (answered.some(({ position }) => isAhead(position, winner, record))) return false;',
        put: '',
      },
    ],
  },
  {
    name: 'claims the lease although a person has stopped failovers',
    caughtBy: ['I15'],
    where: { faults: ['lease-paused', 'pod-forced', 'cut-off'], faultPeriodMs: 1500 },
    edits: [
      {
        file: 'vacancy.ts',
        find: 'if (record.paused) return',
        put: 'if (record.paused && nowMs < 0) return',
      },
    ],
  },
  {
    name: 'hands over although a person has stopped failovers',
    caughtBy: ['I15'],
    where: {
      faults: ['lease-paused', 'switchover'],
      faultPeriodMs: 600,
      network: { delayMinMs: 0.2, delayMaxMs: 400, lossShare: 0 },
    },
    edits: [
      {
        file: 'handover.ts',
        find: ' || record.paused;',
        put: ';',
      },
    ],
  },
  {
    name: 'keeps the clients of a Redis that it fences',
    caughtBy: ['I11'],
    where: { faults: ['cut-off', 'cut-from-api'], faultPeriodMs: 2500 },
    edits: [
      {
        file: 'decide.ts',
        find: "return act(turn, reason, { kind: 'fence', cutClients: true });",
        put: "return act(turn, reason, { kind: 'fence', cutClients: false });",
      },
    ],
  },
  {
    name: 'keeps its clients until somebody else leads',
    caughtBy: ['I11'],
    where: {
      faults: ['switchover', 'redis-killed', 'agent-killed', 'cut-off'],
      faultPeriodMs: 900,
    },
    edits: [
      {
        file: 'decide.ts',
        find: 'cutLateClients(turn) ?? asOther',
        put: 'asOther',
      },
    ],
  },
  {
    name: 'keeps the clients of a primary that begins anew as a replica',
    caughtBy: ['I11'],
    where: { faults: ['switchover', 'override'], faultPeriodMs: 400 },
    edits: [
      {
        file: 'promotion.ts',
        find: "return withdrawPrimary(turn, 'takeover-start-over');",
        put: "return act(turn, 'takeover-start-over', { kind: 'withdraw', cutClients: false });",
      },
    ],
  },
  {
    name: 'begins with nothing before a pod has come whose volume has data',
    caughtBy: ['I7'],
    where: inherited,
    edits: [
      {
        file: 'choice.ts',
        find: 'const awaitsData = loading || winner === null || winner.position.keys === 0;',
        put: 'const awaitsData = loading;',
      },
    ],
  },
  {
    name: 'takes the answer of a pod that was deleted by force for that of the one with its name',
    caughtBy: ['I3', 'I7'],
    where: twinned,
    shell: { isAnotherPod: () => false },
  },
  {
    name: 'leaves a deleted Lease to who has data, and does not know that they are the right ones',
    caughtBy: ['liveness'],
    where: forgotten,
    edits: [
      {
        file: 'vacancy.ts',
        find: 'if (record.revision !== null || !isLatest || askWhoRemembers(turn, lease) !== null) return null;',
        put: 'if (isLatest || !isLatest) return null;',
      },
    ],
  },
];
