import { isHeldBy } from '../../../agent/core/lease.ts';
import { hasWithdrawn } from '../../../agent/core/quorum.ts';
import type { PeerSight, RedisSight } from '../../../agent/core/observation.ts';
import type { Agent } from './agent.ts';

/** What an agent answers to a peer. */
export type Said = Omit<PeerSight, 'heardAtMs' | 'askedAtMs' | 'metAtMs' | 'foundAtMs'>;

/** What `agent` says of itself after a look at its Redis. */
export function said(agent: Agent, redis: RedisSight): Said {
  const { record, self, isStopping: stopping } = agent;
  const { pod, uid, address, ordinal, priority } = self;
  const { isBound: bound } = agent;
  const own = { pod, uid, address, ordinal, priority, stopping, bound, term: record?.term ?? 0 };
  if (redis.kind !== 'up') return { ...own, position: null, leading: false, withdrawn: false };
  const { position, fenced } = redis;
  const isPrimary = position.role === 'primary';
  const leading = record !== null && isHeldBy(record, self) && isPrimary && !fenced;
  return { ...own, position, leading, withdrawn: hasWithdrawn(redis, bound) };
}
