import { setTimeout as sleep } from 'node:timers/promises';
import { isHeldBy, recordedHead, type LeaseRecord } from '../core/lease.ts';
import type { Answer } from '../http/server.ts';
import type { Deletion } from '../kube/pod.ts';
import type { Agent } from './agent.ts';
import type { LocalRedis } from './local-redis.ts';
import { becomes, refusal, type RouteParts } from './route-parts.ts';

/** How long a preStop hook waits for a successor, when it does not lead or no other pod is to come. */
const successionMaxMs = 10_000;

/**
 * So long a leader that is to go away leads on. The deletion of its pod, and in a rollout the one before
 * it that has become ready, has just changed endpoints; kube-proxy writes rules at most once in a
 * second (`minSyncPeriod`), so that the leader Service would follow a hand-over a second late. After
 * the second of those writes has passed it follows at once.
 */
const settleMs = 2000;

/** With less time than this until the end of its containers a pod hands over without delay. */
const unhurriedSeconds = 20;

/** What is left to Redis for its own end, when its log takes longer than the pod has. */
const endMs = 10_000;

/** How long the hook asks whether its pod has been deleted, and how often. */
const deletionMaxMs = 10_000;
const deletionPeriodMs = 100;

/** Whether the holder of the record has begun. */
function isLed(record: LeaseRecord | null): boolean {
  return record !== null && recordedHead(record) !== null;
}

/** What the hook needs to know. */
export interface PrestopParts extends Pick<RouteParts, 'self' | 'clock' | 'deletion' | 'scale'> {
  readonly agent: Pick<Agent, 'members' | 'record' | 'request'>;
  readonly redis: Pick<LocalRedis, 'isLogBehind'>;
}

/**
 * Hands over, and answers when that is done and Redis can end: one that makes the log of data that it
 * has just received refuses SIGTERM, does not think of it again, and is killed in the end, with the
 * data from before on its disk (test/redis/ending.test.ts). Only for a pod that really goes away:
 * kubelet asks without a secret, so the question proves nothing, and a stranger must not move the
 * leader.
 *
 * A leader stays as long as its pod may when others are to come. Where a set is scaled down to a pod
 * that restarts itself, nobody else but it has the newest writes, and they are away for good with it.
 */
export async function prestop(parts: PrestopParts): Promise<Answer> {
  const { self, agent, clock } = parts;
  const beganMs = clock();
  const deletion = await knownDeletion(parts, beganMs + deletionMaxMs);
  if (deletion.kind === 'none') return refusal(409, 'this pod has no deletionTimestamp');
  if (deletion.kind !== 'deleted') {
    return refusal(503, 'the API server does not say whether this pod has a deletionTimestamp');
  }
  const { graceSeconds } = deletion;
  const lastMs = beganMs + graceSeconds * 1000 - endMs;
  let hasLed = false;
  const hasLeft = (): boolean => {
    const holds = agent.record !== null && isHeldBy(agent.record, self);
    hasLed ||= holds;
    return !holds;
  };
  // Who was named may end before it leads, and what the former leader had might be nowhere else.
  const isReplaced = (): boolean => hasLeft() && (!hasLed || isLed(agent.record));
  const alone = agent.members === 1;
  const isHurried = alone || graceSeconds < unhurriedSeconds;
  if (!isHurried) await becomes(clock, settleMs, hasLeft);
  agent.request({ stop: 'pod' });
  const askedMs = clock();
  const isVain = (): boolean => {
    const nowMs = clock();
    const isLate = nowMs >= askedMs + successionMaxMs;
    const leads = !hasLeft() && isLed(agent.record);
    return alone || (isLate && (nowMs >= lastMs || !leads || !awaitsOthers(parts)));
  };
  await becomes(clock, Infinity, () => isReplaced() || isVain());
  const saved = await becomes(clock, lastMs - clock(), () => !parts.redis.isLogBehind);
  return { status: 200, body: { left: alone || isReplaced(), saved } };
}

/** Kubelet takes any answer for the end of the hook: one that knows nothing would cost the hand-over. */
async function knownDeletion(
  { clock, deletion }: PrestopParts,
  untilMs: number,
): Promise<Deletion> {
  for (;;) {
    const answer = await deletion();
    if (answer.kind !== 'unknown' || clock() >= untilMs) return answer;
    await sleep(deletionPeriodMs);
  }
}

/** Whether the StatefulSet is to have another pod than this one. */
function awaitsOthers({ self, scale }: PrestopParts): boolean {
  const members = scale.sight?.members ?? 0;
  return members > (self.ordinal < members ? 1 : 0);
}
