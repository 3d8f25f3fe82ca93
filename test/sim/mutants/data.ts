import { durabilityOf } from '../../../agent/core/durability.ts';
import { judgedLog } from '../../../agent/core/append-log.ts';
import { frozen, handedRound, twinnedEmpty } from '../circumstances.ts';
import type { Mutant } from '../mutant.ts';

/** Whose data are the right ones. */
export const dataMutants: readonly Mutant[] = [
  {
    name: 'takes a branch that was given up for the line',
    caughtBy: ['I3', 'I6'],
    where: {
      faults: ['redis-killed', 'agent-stalled', 'cut-off', 'pod-forced'],
      faultPeriodMs: 1500,
      persistence: 'rdb',
    },
    edits: [
      {
        file: 'lineage.ts',
        find: "if (isBranch) return { kind: 'off-line', why: 'branch' };",
        put: "if (isBranch && index < 0) return { kind: 'off-line', why: 'branch' };",
      },
    ],
  },
  {
    name: 'lets an empty data set lead a set that has had data',
    caughtBy: ['I7', 'I6', 'I9'],
    edits: [
      {
        file: 'lineage.ts',
        find: "return position.keys === 0 ? { kind: 'empty' } : found;",
        put: "return position.keys === 0 ? { kind: 'on-line', term: 0, offset: 0 } : found;",
      },
    ],
  },
  {
    name: 'gives up the data of a later leader for one that was asked before they came',
    caughtBy: ['I9'],
    where: {
      ...handedRound,
      api: { delayMinMs: 1, delayMaxMs: 10, lossShare: 0, watchDelayMaxMs: 500, staleShare: 0 },
    },
    edits: [
      {
        file: 'follower.ts',
        find: 'history === null ? seenAtMs : latest(seenAtMs, history.sinceMs)',
        put: 'history === null ? seenAtMs : latest(seenAtMs)',
      },
    ],
  },
  {
    name: 'takes the first that it reads of the Lease for news',
    caughtBy: ['I6', 'I7', 'I9'],
    where: {
      ...{ pods: 2, absent: 0, persistence: 'rdb', priorities: [] },
      ...{ faults: ['redis-killed', 'agent-killed', 'both-killed'], faultPeriodMs: 400 },
      ...{ durability: durabilityOf({ durability: 'async', onReplicaLoss: null }, 3) },
      api: { delayMinMs: 5, delayMaxMs: 100, lossShare: 0, watchDelayMaxMs: 0, staleShare: 0.9 },
    },
    edits: [
      {
        file: 'takeover.ts',
        find: 'const isNews = handover !== null && term !== memory.firstTerm;',
        put: 'const isNews = handover !== null;',
      },
    ],
  },
  {
    name: 'begins anew by what pods say that may not be members any more',
    caughtBy: ['I7'],
    where: twinnedEmpty,
    edits: [
      {
        file: 'takeover.ts',
        find: 'if (heard.every((peer) => peer.foundAtMs >= dueMs)) return null;',
        put: 'if (nowMs >= dueMs) return null;',
      },
    ],
  },
  {
    name: 'begins anew when not every member has said that it is empty',
    caughtBy: ['I6', 'I7'],
    where: {
      faults: ['redis-loses-disk', 'pod-forced', 'cut-from-peers'],
      faultPeriodMs: 1500,
      persistence: 'rdb',
    },
    edits: [
      {
        file: 'choice.ts',
        find: 'const answered = all.length === turn.self.members && heard.length === all.length - 1;',
        put: 'const answered = heard.length >= 0;',
      },
    ],
  },
  {
    name: 'takes what a broken resync has left for a data set',
    caughtBy: ['I6', 'I7'],
    where: {
      disklessLoad: true,
      faults: ['redis-killed', 'cut-from-peers', 'redis-loses-disk'],
      faultPeriodMs: 1500,
      resyncMs: 3000,
      persistence: 'rdb',
      absent: 0,
    },
    edits: [
      {
        file: 'lineage.ts',
        find: "if (!position.whole) return { kind: 'off-line', why: 'incomplete' };",
        put: '',
      },
    ],
  },
  {
    name: 'accepts writes that nobody has to receive',
    caughtBy: ['W'],
    edits: [
      {
        file: 'reign.ts',
        find: 'const requiredReplicas = openingReplicas(turn, record);',
        put: 'const requiredReplicas = 0;',
      },
    ],
  },
  {
    name: 'knows no histories: the greatest offset wins',
    caughtBy: ['I3', 'I6', 'I7', 'planned'],
    where: {
      faults: ['redis-killed', 'agent-stalled', 'cut-off', 'pod-forced'],
      faultPeriodMs: 1500,
      persistence: 'rdb',
    },
    edits: [
      {
        file: 'ranking.ts',
        find: 'const found = standing(candidate.position, lineage);',
        put: "const found = { kind: lineage.length < 0 ? 'empty' : 'on-line', term: 0, offset: candidate.position.offset };",
      },
      {
        file: 'vacancy.ts',
        find: "return !record.initialized || standing(position, record.lineage).kind === 'on-line';",
        put: 'return true;',
      },
    ],
  },
  {
    name: 'records what went on with a deposed leader before it was promoted',
    caughtBy: ['I3'],
    where: frozen,
    edits: [
      {
        file: 'promotion.ts',
        find: 'if (hasLeftLine(promoted, record, position)) {',
        put: 'if (hasLeftLine(promoted, record, position) && record.term < 0) {',
      },
    ],
  },
  {
    name: 'follows a holder that has not recorded its history',
    caughtBy: ['I8'],
    edits: [
      {
        file: 'follower.ts',
        find: 'return head === null || leader === null',
        put: 'return leader === null',
      },
      {
        file: 'follower.ts',
        find: 'replid: head.replid });',
        put: "replid: head?.replid ?? '' });",
      },
      {
        file: 'follower.ts',
        find: 'isProven(turn, lease, { peer, replid, sinceMs })',
        put: "isProven(turn, lease, { peer, replid: replid === '' ? peer.position?.replid : replid, sinceMs })",
      },
    ],
  },
  {
    name: 'leads with old data before those are back that have more',
    caughtBy: ['I6'],
    where: {
      faults: ['all-powered-off', 'power-off', 'pod-deleted', 'redis-killed'],
      faultPeriodMs: 1500,
      persistence: 'rdb',
      resyncMs: 3000,
    },
    edits: [
      {
        file: 'choice.ts',
        find: "return isLate ? { kind: 'await-newer' } : asChoice(turn, winner);",
        put: 'return isLate ? asChoice(turn, winner) : asChoice(turn, winner);',
      },
    ],
  },
  {
    name: 'notes data that the log on the disk does not have yet',
    caughtBy: ['note'],
    where: {
      faults: ['redis-killed', 'both-killed', 'cut-from-peers'],
      faultPeriodMs: 1500,
      persistence: 'aof',
      rewriteMs: 6000,
      backlogBytes: 500,
    },
    shell: { judgedLog: (before, look) => ({ ...judgedLog(before, look), isBehind: false }) },
  },
  {
    name: 'takes what a fenced leader has sent on for writes',
    caughtBy: ['I6'],
    where: {
      faults: ['switchover', 'redis-killed', 'both-killed', 'agent-stalled', 'watch-stalled'],
      faultPeriodMs: 700,
      persistence: 'rdb',
      // A strict one would only wait for a quorum that does not come.
      durability: durabilityOf({ durability: 'guarded', onReplicaLoss: 'degrade' }, 3),
      expiryPeriodMs: 20,
      pods: 3,
      absent: 0,
    },
    edits: [
      {
        file: 'lineage.ts',
        find: 'const written = Math.min(offset, end);',
        put: 'const written = Math.min(offset, end >= 0 ? Infinity : end);',
      },
    ],
  },
];
