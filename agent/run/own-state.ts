import { hasWithdrawn } from '../core/quorum.ts';
import type { PeerState } from '../http/peer-state.ts';
import { holderOf, type RouteParts } from './route-parts.ts';

/** Looks at Redis anew: a hand-over waits for the very byte that this answer speaks of. */
export async function ownState({
  self,
  agent,
  passwordGeneration,
}: Pick<RouteParts, 'self' | 'agent' | 'passwordGeneration'>): Promise<PeerState> {
  const sight = await agent.lookAtRedis();
  const { pod, uid, address, ordinal, priority } = self;
  const { record } = agent;
  return {
    ...{ pod, uid, address, ordinal, priority },
    term: record?.term ?? 0,
    leading: agent.isLeading,
    position: sight.kind === 'up' ? sight.position : null,
    withdrawn: sight.kind === 'up' && hasWithdrawn(sight, agent.isBound),
    bound: agent.isBound,
    stopping: agent.isStopping,
    holder: holderOf(agent),
    reason: agent.reason,
    passwordGeneration: passwordGeneration(),
  };
}
