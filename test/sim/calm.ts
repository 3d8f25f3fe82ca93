import { isHeldBy } from '../../agent/core/lease.ts';
import { standing } from '../../agent/core/lineage.ts';
import type { Checker } from './checker.ts';
import { goodReplicas } from './link.ts';
import type { Pod } from './pod.ts';
import type { World } from './world.ts';

/**
 * Liveness: some time after the last fault there is one leader, its Redis accepts writes, the
 * Service points to it, and all others replicate from it.
 */
export function assertWell(world: World, checker: Checker): void {
  const present = world.pods.filter((pod) => pod.uid !== '' && !pod.isEnding);
  const leader = leaderOf(world, present);
  if (typeof leader === 'string') {
    if (needsOperator(world)) {
      checker.needsOperator = true;
      return;
    }
    checker.fail('liveness', leader);
  }
  assertGuarded(world, checker, leader);
  if (!isRouted(world, checker, leader)) {
    checker.fail('liveness', `the service does not point to ${leader.name}`);
  }
  for (const pod of present) {
    if (pod !== leader) assertFollows(pod, leader, checker);
  }
}

/** With its replicas in step a leader asks for the copies that the set was made for. */
function assertGuarded({ options }: World, checker: Checker, { redis, name }: Pod): void {
  const { requiredReplicas } = options.durability;
  if (redis === null || redis.minReplicas >= requiredReplicas) return;
  if (goodReplicas(redis, options.timing.replicaLagSeconds) < requiredReplicas) return;
  checker.fail('liveness', `${name} asks for ${redis.minReplicas} copies, not ${requiredReplicas}`);
}

function isRouted({ api }: World, { wasTampered }: Checker, leader: Pod): boolean {
  if (api.slice?.address === leader.address) return true;
  // Of a Lease that was deleted a term may come twice, and an agent does not read the route again.
  return wasTampered && api.slice?.term === api.lease?.record.term;
}

/** The pod whose Redis accepts writes, or why there is none. */
function leaderOf(world: World, present: readonly Pod[]): Pod | string {
  const record = world.api.lease?.record ?? null;
  if (record === null || record.holder === null) return 'nobody holds the lease';
  const leader = present.find(({ agent }) => agent !== null && isHeldBy(record, agent.self));
  if (leader === undefined) return `the holder ${record.holder.pod} is gone`;
  const { redis, agent, name } = leader;
  const takesWrites = redis?.role === 'primary' && !redis.fenced;
  return takesWrites ? leader : `the leader ${name} takes no writes (${agent?.reason ?? ''})`;
}

function assertFollows(pod: Pod, leader: Pod, checker: Checker): void {
  const link = pod.redis?.link ?? null;
  const follows = link !== null && link.state === 'up' && link.source === leader.redis;
  if (follows) return;
  const reason = pod.agent?.reason ?? 'no agent';
  checker.fail('liveness', `${pod.name} does not replicate from ${leader.name} (${reason})`);
}

/** There are data, and none of them on the recorded lineage: no agent may choose among them. */
function needsOperator(world: World): boolean {
  const remembered = world.pods.flatMap(({ agent }) => agent?.record ?? []);
  // Who knows of the latest term writes a deleted Lease again.
  const latest = remembered.toSorted((a, b) => b.term - a.term)[0] ?? null;
  const record = world.api.lease?.record ?? latest;
  const mayLead = world.pods.some(({ agent }) => (agent?.self.priority ?? 0) > 0);
  if (!mayLead) return true;
  const { durability, absent } = world.options;
  // Who blocks waits for ever for a member that may have more.
  if (durability.onReplicaLoss === 'block' && absent > 0) return true;
  if (durability.strictQuorum && isStrictlyStuck(world)) return true;
  if (record?.initialized !== true) return false;
  const { lineage } = record;
  const kinds = world.pods.map(({ agent }) => {
    // Priority 0 is a person's word that this pod never leads, whatever it has.
    const sight = agent === null || agent.self.priority === 0 ? null : agent.redis.look();
    return sight?.kind === 'up' ? standing(sight.position, lineage).kind : 'off-line';
  });
  return !kinds.includes('on-line') && kinds.includes('off-line');
}

/**
 * A strict set does not guess what a member would have had that never came, or what one has that was
 * scaled away before its leader had seen that others have it too; it does not leave behind what only a
 * member has that may not lead, nor what is off the line and may be more.
 */
function isStrictlyStuck({ options: { absent, priorities }, pods, api }: World): boolean {
  const lineage = api.lease?.record.lineage ?? [];
  const isTorn = pods.some(({ agent }) => {
    const sight = agent?.redis.look();
    return sight?.kind === 'up' && standing(sight.position, lineage).kind === 'off-line';
  });
  const isShrunk = (api.lease?.record.members ?? 0) > pods.length;
  return absent > 0 || priorities.includes(0) || isTorn || isShrunk;
}
