import { isHeldBy } from '../core/lease.ts';
import { verdict, type Probe } from '../core/verdict.ts';
import type { Answer, Route } from '../http/server.ts';
import { ownState } from './own-state.ts';
import { peerRoutes } from './peer-routes.ts';
import { personRoutes } from './person-routes.ts';
import { becomes, get, refusal, type RouteParts } from './route-parts.ts';
import { viewOf } from './set-view.ts';

/** How long a preStop hook may wait for a successor before the pod stops without one. */
const prestopMaxMs = 10_000;

/** Everything that the agent answers: docs/architecture.md. */
export function routes(parts: RouteParts): readonly Route[] {
  return [
    probeRoute(parts, '/startupz', 'startup'),
    probeRoute(parts, '/readyz', 'readiness'),
    probeRoute(parts, '/livez', 'liveness'),
    get('/metrics', async () => ({ status: 200, body: await parts.metrics.text() })),
    get('/v1/state', async () => ({ status: 200, body: await ownState(parts) }), 'members'),
    get('/v1/prestop', () => prestop(parts)),
    get('/v1/set', async () => ({ status: 200, body: await viewOf(parts) }), 'members'),
    ...peerRoutes(parts),
    ...personRoutes(parts),
  ];
}

function probeRoute({ self, clock, agent, redis }: RouteParts, path: string, probe: Probe): Route {
  return get(path, () => {
    const { record, lastTickMs } = agent;
    const lagBytes = redis.lagBytes;
    const sight = agent.redisSight;
    const said = verdict(probe, {
      nowMs: clock(),
      self,
      record,
      redis: sight,
      lastTickMs,
      lagBytes,
    });
    return { status: said.verdict === 'pass' ? 200 : 503, body: said };
  });
}

/**
 * Hands over, and answers when that is done. Only for a pod that really goes away: kubelet asks
 * without a secret, so the question proves nothing, and a stranger must not move the leader.
 */
async function prestop(parts: RouteParts): Promise<Answer> {
  const { self, agent } = parts;
  if (!(await parts.isPodEnding())) {
    return refusal(409, 'this pod has no deletionTimestamp');
  }
  agent.request({ stop: 'pod' });
  const hasLeft = (): boolean => agent.record === null || !isHeldBy(agent.record, self);
  const alone = self.members === 1;
  const left = alone || (await becomes(parts.clock, prestopMaxMs, hasLeft));
  return { status: 200, body: { left } };
}
