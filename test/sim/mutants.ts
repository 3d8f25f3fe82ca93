import type { Mutant } from './mutant.ts';

/**
 * The rules of the core, one taken away at a time. Each has to be caught: a simulator that does not
 * miss a rule says nothing about it either.
 */
export const mutants: readonly Mutant[] = [
  {
    name: 'counts its right to lead from the answer, not from the send',
    caughtBy: ['I2', 'I4'],
    shell: { confirmation: ({ term }, nowMs) => ({ term, sentAtMs: nowMs }) },
  },
  {
    name: 'fences itself later than a rival may start (C2)',
    caughtBy: ['I2', 'I4'],
    shell: {
      timing: (given) => ({ ...given, fenceDeadlineMs: given.leaseDurationSeconds * 1000 + 1000 }),
    },
  },
  {
    name: 'leads without an end to its right',
    caughtBy: ['I2', 'I4'],
    edits: [
      {
        file: 'tenure.ts',
        find: 'if (untilMs === null || tenant.nowMs >= untilMs) return false;',
        put: 'if (untilMs === null) return false;',
      },
    ],
  },
  {
    name: 'claims before the silence has lasted a lease duration',
    caughtBy: ['I2'],
    where: { faults: ['cut-from-api', 'watch-stalled', 'api-down'], faultPeriodMs: 2000 },
    shell: {},
    edits: [
      {
        file: 'tenure.ts',
        find: 'return after(seenAtMs, silenceMs(turn.timing));',
        put: 'return after(seenAtMs, silenceMs(turn.timing) / 2);',
      },
    ],
  },
  {
    name: 'promotes without asking who has more',
    caughtBy: ['I6', 'I7', 'I9', 'planned'],
    edits: [
      {
        file: 'takeover.ts',
        find: 'const choice = choose(turn, record, redis.position, sinceMs);',
        put: "const choice = { kind: 'self' } as Choice;",
      },
    ],
  },
  {
    name: 'names a successor before it fences',
    caughtBy: ['I12'],
    edits: [
      {
        file: 'handover.ts',
        find: "if (!redis.fenced) return act(turn, 'handover-fence', { kind: 'fence', cutClients: false });",
        put: '',
      },
    ],
  },
  {
    name: 'names a successor before that has every byte',
    caughtBy: ['I12', 'planned'],
    edits: [
      {
        file: 'handover.ts',
        find: "if (!caughtUp) return ask(turn, askSince(turn, plan), 'handover-await-offset');",
        put: "if (offset === null) return ask(turn, askSince(turn, plan), 'handover-await-offset');",
      },
    ],
  },
  {
    name: 'goes on after a request that may still name a successor',
    caughtBy: ['I1', 'I2', 'I4', 'I9', 'planned'],
    where: {
      faults: ['switchover'],
      faultPeriodMs: 1000,
      api: { delayMinMs: 1, delayMaxMs: 3000, lossShare: 0, watchDelayMaxMs: 0, staleShare: 0 },
    },
    edits: [
      {
        file: 'tenure.ts',
        find: 'return seen.confirmed === null || seen.confirmed.sentAtMs <= givenAwayAtMs;',
        put: 'return false;',
      },
    ],
  },
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
    name: 'begins anew when not every member has said that it is empty',
    caughtBy: ['I7'],
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
    name: 'takes its time to find out whether it leads',
    caughtBy: ['I2', 'I4'],
    where: { faults: ['agent-killed', 'cut-from-api', 'api-down'], faultPeriodMs: 1500 },
    edits: [
      {
        file: 'decide.ts',
        find: 'return after(memory.startedAtMs, 2 * timing.requestTimeoutMs);',
        put: 'return after(memory.startedAtMs, 20 * timing.requestTimeoutMs);',
      },
    ],
  },
  {
    name: 'waits for members without renewing the lease',
    caughtBy: ['liveness'],
    where: { faults: [], pods: 3, absent: 1 },
    edits: [
      {
        file: 'takeover.ts',
        find: "if (nowMs >= dueMs && !busy.lease) return writeLease(turn, 'renew', renewed(record, turn.self));\n  return askAgain",
        put: 'if (nowMs < 0 && dueMs > 0 && busy.lease) return writeLease(turn, "renew", renewed(record, turn.self));\n  return askAgain',
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
        find: 'isProven(turn, lease, peer, replid)',
        put: "isProven(turn, lease, peer, replid === '' ? peer.position?.replid : replid)",
      },
    ],
  },
  {
    name: 'is content with a term below the one that the Service was routed in',
    caughtBy: ['liveness'],
    where: { faults: ['lease-deleted', 'pod-forced', 'both-killed'], faultPeriodMs: 1500 },
    edits: [
      { file: 'reign.ts', find: 'return termRouted > record.term', put: 'return termRouted < 0' },
      {
        file: 'vacancy.ts',
        find: 'return Math.max(seen.route?.term ?? 0, ...seen.peers.map((peer) => peer.term));',
        put: 'return Math.min(0, ...seen.peers.map((peer) => peer.term));',
      },
    ],
  },
];
