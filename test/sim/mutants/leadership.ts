import { timings } from '../../../agent/core/timing.ts';
import { monotonic } from '../../../agent/core/units.ts';
import {
  awayFromApi,
  forgetful,
  frozen,
  handedRound,
  twinnedApart,
  unguarded,
} from '../circumstances.ts';
import type { Mutant } from '../mutant.ts';

/** Who may lead, from when and until when. */
export const leadershipMutants: readonly Mutant[] = [
  {
    name: 'answers reads as a primary while its successor takes writes',
    caughtBy: ['I20'],
    where: { faults: ['switchover'], faultPeriodMs: 1500 },
    edits: [
      {
        file: 'demotion.ts',
        find: "if (position.role === 'primary') return null;",
        put: "if (position.role === 'primary') return before;",
      },
      {
        file: 'demotion.ts',
        find: "return position.role === 'primary' ? withdrawPrimary(turn, 'step-down') : null;",
        put: `if (position.role !== 'primary' || turn.memory.demotion !== null) return null;
          return cutNow(act(turn, 'step-down', { kind: 'cut-clients' }), turn.seen.nowMs);`,
      },
    ],
  },
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
    caughtBy: ['I2', 'I4', 'I17'],
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
    name: 'leads in the place of a pod of its name that all the others have promised to stay with',
    caughtBy: ['I2'],
    where: { faults: ['pod-twinned'], faultPeriodMs: 800, pods: 2, absent: 0 },
    edits: [
      {
        file: 'vacancy.ts',
        find: 'lease.record.holder?.pod !== self.pod || self.members === 1',
        put: 'self.pod !== null',
      },
    ],
  },
  {
    name: 'leaves its clients to a Redis that may be about to become a primary',
    caughtBy: ['I11'],
    where: { ...frozen, faults: ['redis-frozen', 'agent-stalled'] },
    edits: [
      { file: 'demotion.ts', find: 'return answered\n', put: 'return answered || !answered\n' },
      {
        file: 'follower.ts',
        find: 'turn.memory.demotion !== null || !answered',
        put: 'turn.memory.demotion !== null',
      },
    ],
  },
  {
    name: 'takes it that no Redis has ceased to lead before the agent beside it began',
    caughtBy: ['I11'],
    where: handedRound,
    edits: [
      {
        file: 'demotion.ts',
        find: 'if (before.presumed && !wasPromoted) return null;',
        put: 'if (before.presumed) return null;',
      },
    ],
  },
  {
    name: 'claims what was released by one that never led, whatever it may have promised another',
    caughtBy: ['I14'],
    where: forgetful,
    edits: [
      {
        file: 'vacancy.ts',
        find: 'record.term === 0 || recordedHead(record) !== null',
        put: 'record.term >= 0',
      },
    ],
  },
  {
    name: 'takes the promises of a pod that has ended for over',
    caughtBy: ['I2'],
    where: {
      ...{ faults: ['pod-twinned', 'rolling-restart'], faultPeriodMs: 1700, pods: 2, absent: 0 },
      ...{ durability: unguarded, timing: timings.default },
    },
    edits: [
      // Who can look whether the leader's pod is still there promises too little to be counted on.
      { file: 'promise.ts', find: 'isWriting || isGone)', put: 'isWriting)' },
      {
        file: 'vacancy.ts',
        find: 'heard.length === 0 && seen.nowMs >= lastPromiseUntil(turn)',
        put: 'heard.length === 0',
      },
    ],
  },
  {
    name: 'promises to a pod that was deleted by force',
    caughtBy: ['I2'],
    where: twinnedApart,
    edits: [{ file: 'promise.ts', find: 'isWriting || isGone)', put: 'isWriting)' }],
  },
  {
    name: 'names itself for a person while a promise binds it',
    caughtBy: ['I14'],
    where: { ...awayFromApi, faults: ['cut-one-way', 'override'], faultPeriodMs: 460 },
    edits: [
      {
        file: 'override.ts',
        find: 'const boundMs = peer === undefined ? boundUntil(turn, record) : null;',
        put: 'const boundMs = null;',
      },
    ],
  },
  {
    name: 'promotes without asking who has more',
    caughtBy: ['I3', 'I6', 'I7', 'I9', 'planned'],
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
        find: 'const isDue = nowMs >= dueMs && !busy.lease;',
        put: 'const isDue = nowMs < 0 && dueMs > 0 && busy.lease;',
      },
    ],
  },
  {
    name: 'is content with a term below the one that the Service was routed in',
    caughtBy: ['liveness'],
    where: { faults: ['lease-deleted', 'pod-forced', 'both-killed'], faultPeriodMs: 1500 },
    edits: [
      {
        file: 'reign.ts',
        find: 'if (termRouted <= record.term) return null;',
        put: 'if (termRouted >= 0) return null;',
      },
      {
        file: 'vacancy.ts',
        find: 'return Math.max(seen.route?.term ?? 0, termHeardFrom(seen.peers));',
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
    name: 'claims the lease although another pod has its name by now',
    caughtBy: ['I2', 'I3', 'I6', 'I7'],
    where: {
      faults: ['pod-twinned', 'redis-killed', 'redis-loses-disk', 'pod-deleted'],
      faultPeriodMs: 1500,
      calmAtMs: 30_000,
      endAtMs: 65_000,
      pods: 1,
    },
    shell: { isReplaced: () => false },
  },
  {
    name: 'writes a deleted Lease again although it may have named a successor',
    caughtBy: ['planned'],
    where: {
      ...{ faults: ['lease-deleted', 'switchover'], faultPeriodMs: 700, pods: 3, absent: 0 },
      api: { delayMinMs: 1, delayMaxMs: 1500, lossShare: 0, watchDelayMaxMs: 0, staleShare: 0.1 },
    },
    edits: [
      {
        file: 'tenure.ts',
        find: 'isGivenAway(turn) || tenant.termHeard > record.term',
        put: 'record.term < 0',
      },
    ],
  },
];
