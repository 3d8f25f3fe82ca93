import type { LeaseRecord } from '../../agent/core/lease.ts';
import { standing, type Position } from '../../agent/core/lineage.ts';
import type { Agent } from './agent/agent.ts';
import type { Content } from './history.ts';
import type { Pod } from './pod.ts';
import type { Redis } from './redis.ts';

/** A peer that could be asked: what it had, so that a leader can be held to it (I6). */
export interface Witness {
  readonly pod: Pod;
  readonly redis: Redis;
  readonly content: Content;
  readonly position: Position;
  readonly atMs: number;
}

/** Slower networks than this make an inquiry miss answers, and no rule broken. */
const answerMaxMs = 20;
/** How long an agent may go on with a pod's former address: until it has asked in vain. */
const addressMs = 4000;

/** The peers that `agent` could hear now. */
export function witnessesOf(agent: Agent): readonly Witness[] {
  const { world, pod: own } = agent;
  const { delayMaxMs, lossShare } = world.options.network;
  if (lossShare > 0 || delayMaxMs > answerMaxMs || agent.stalled) return [];
  const witnesses: Witness[] = [];
  for (const pod of world.pods) {
    const { redis } = pod;
    if (pod === own || redis === null || !isHeard(agent, pod, redis)) continue;
    world.settle(redis);
    // What was loaded from an append-only file counts for what was noted, not for what it is.
    if (redis.content === redis.fromLog && redis.content.keys > 0) continue;
    const notedTerm = pod.note?.term ?? 0;
    const position = { ...redis.position(), whole: true, streamed: true, notedTerm };
    witnesses.push({ pod, redis, content: redis.content, position, atMs: world.nowMs });
  }
  return witnesses;
}

function isHeard(agent: Agent, pod: Pod, redis: Redis): boolean {
  const { world } = agent;
  if (pod.agent === null || pod.agent.stalled) return false;
  // An agent that has asked for its address before may still have the former one, and keeps it while
  // somebody answers there.
  if (world.nowMs - Math.max(pod.resolvesSinceMs, pod.soleSinceMs) < addressMs) return false;
  if (!redis.answers || redis.loading || !world.network.isConnected(agent.place, pod.place))
    return false;
  // Nothing was done to it for a while: its agent has found it, and finds its data whole.
  return world.nowMs - pod.disturbedAtMs > 1000 && pod.agent.seesWhole;
}

/** The witness with most data among those that stayed as they were and may lead. */
export function bestWitness(
  leader: Pod,
  witnesses: readonly Witness[],
  before: LeaseRecord | null,
): Witness | null {
  const lineage = before?.lineage ?? [];
  let best: Witness | null = null;
  for (const witness of witnesses) {
    const { pod, position, atMs, content } = witness;
    if (leader.disturbedAtMs >= atMs || priorityOf(pod) !== priorityOf(leader)) continue;
    if (!hasStayed(witness) || standing(position, lineage).kind !== 'on-line') continue;
    if (best === null || content.keys > best.content.keys) best = witness;
  }
  return best;
}

function hasStayed({ pod, redis, atMs }: Witness): boolean {
  return pod.redis === redis && pod.disturbedAtMs < atMs && pod.agent?.seesWhole === true;
}

/** Another priority may be preferred over a few bytes; that is no fault. */
function priorityOf({ agent }: Pod): number {
  return agent?.self.priority ?? 100;
}
