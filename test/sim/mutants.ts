import { monotonic } from '../../agent/core/units.ts';
import { apiOnly, awayFromApi, strictSet } from './circumstances.ts';
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
  {
    name: 'counts on a replica for half a minute after it fell silent (C3)',
    caughtBy: ['I17'],
    where: { ...awayFromApi, faults: ['cut-off', 'pod-frozen', 'agent-stalled'] },
    shell: { timing: (given) => ({ ...given, replicaLagSeconds: 30 }) },
  },
  {
    name: 'takes a lease that it finds for one that has expired (I13)',
    caughtBy: ['I2', 'I4', 'I6', 'I9', 'I14'],
    where: { ...awayFromApi, faults: ['agent-killed', 'both-killed'] },
    shell: { firstSeenAt: (nowMs) => monotonic(nowMs - 60_000) },
  },
  {
    name: 'leads with a history that is not recorded (I5)',
    caughtBy: ['I5', 'I2', 'I4'],
    edits: [
      {
        file: 'tenure.ts',
        find: "return recordedHead(record)?.replid === position.replid && position.role === 'primary';",
        put: "return position.role === 'primary' && (recordedHead(record)?.term ?? 0) >= 0;",
      },
    ],
  },
  {
    name: 'lowers what its Redis asks for before the Lease says so',
    caughtBy: ['W'],
    where: awayFromApi,
    edits: [
      {
        file: 'guard.ts',
        find: "      : writeLease(turn, 'guard-lower', guarded(record, turn.self, wanted));",
        put: "      : act(turn, 'guard-lower', { kind: 'admit', requiredReplicas: wanted });",
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
        find: "    return turn.seen.busy.lease\n      ? null\n      : writeLease(turn, 'guard-lower'",
        put: "    if (turn.seen.leaseFailedAtMs !== null && redis.requiredReplicas > wanted)\n      return act(turn, 'guard-lower', { kind: 'admit', requiredReplicas: wanted });\n    return turn.seen.busy.lease\n      ? null\n      : writeLease(turn, 'guard-lower'",
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
    where: awayFromApi,
    edits: [
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
    name: 'opens with fewer copies than a lost request has published',
    caughtBy: ['W'],
    where: {
      ...awayFromApi,
      faults: ['switchover', 'api-down', 'redis-killed'],
      faultPeriodMs: 800,
    },
    edits: [
      {
        file: 'guard.ts',
        find: '  return isKnown ? record',
        put: '  return isKnown || requiredReplicas >= 0 ? record',
      },
    ],
  },
  {
    name: 'asks for no promises',
    caughtBy: ['I16'],
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
    name: 'counts a promise from the answer',
    caughtBy: ['I4', 'I2'],
    where: {
      ...awayFromApi,
      faults: ['api-away', 'agent-stalled', 'cut-off'],
      faultPeriodMs: 900,
      network: { delayMinMs: 0.2, delayMaxMs: 400, lossShare: 0 },
    },
    shell: { grantedAt: (_sentAtMs, nowMs) => nowMs },
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
        find: "  if (boundMs !== null) return wait(turn, 'promise-kept', boundMs);\n",
        put: '',
      },
      {
        file: 'vacancy.ts',
        find: 'return boundMs === null ? expiresMs : monotonic(Math.max(expiresMs, boundMs));',
        put: 'return boundMs === null ? expiresMs : monotonic(Math.max(expiresMs, 0));',
      },
    ],
  },
  {
    name: 'promotes beside a leader that it has promised to',
    caughtBy: ['I14'],
    where: {
      ...awayFromApi,
      faults: ['api-slow', 'cut-from-api', 'watch-stalled', 'api-down'],
      faultPeriodMs: 700,
    },
    edits: [
      {
        file: 'takeover.ts',
        find: "  if (boundMs !== null) return wait(turn, 'promise-kept', boundMs);\n",
        put: '',
      },
    ],
  },
  {
    name: 'takes the lease for a person although it has promised to keep still',
    caughtBy: ['I14'],
    where: { ...awayFromApi, faults: ['override', 'cut-from-api'], faultPeriodMs: 900 },
    edits: [
      {
        file: 'override.ts',
        find: "  if (boundMs !== null) return wait(turn, 'promise-kept', boundMs);\n",
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
      faults: ['left-behind', 'both-killed', 'agent-killed', 'cut-from-api'],
      faultPeriodMs: 1500,
      calmAtMs: 25_000,
      endAtMs: 60_000,
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
    name: 'counts members that still follow the old leader',
    caughtBy: ['I3'],
    where: strictSet,
    edits: [
      {
        file: 'quorum.ts',
        find: 'if (position === null || !withdrawn || !position.streamed) return false;',
        put: 'if (position === null || !position.streamed) return false;',
      },
    ],
  },
  {
    name: 'counts members that have read their data from a disk',
    caughtBy: ['I3'],
    where: strictSet,
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
    caughtBy: ['I3'],
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
        find: '    cutLateClients(turn) ??\n',
        put: '',
      },
    ],
  },
];
