import { verdict, type Probe } from '../core/verdict.ts';
import type { Answer, Question, Route } from '../http/server.ts';
import { ownState } from './own-state.ts';
import { peerRoutes } from './peer-routes.ts';
import { personRoutes } from './person-routes.ts';
import { prestop } from './prestop.ts';
import { get, type RouteParts } from './route-parts.ts';
import { viewOf } from './set-view.ts';

/** Everything that the agent answers: docs/architecture.md. */
export function routes(parts: RouteParts): readonly Route[] {
  return [
    probeRoute(parts, '/startupz', 'startup'),
    probeRoute(parts, '/readyz', 'readiness'),
    probeRoute(parts, '/livez', 'liveness'),
    get('/metrics', async () => ({ status: 200, body: await parts.metrics.text() })),
    get('/v1/state', (question) => state(parts, question), 'members'),
    get('/v1/prestop', () => prestop(parts)),
    get('/v1/set', async () => ({ status: 200, body: await viewOf(parts) }), 'members'),
    ...peerRoutes(parts),
    ...personRoutes(parts),
  ];
}

async function state(parts: RouteParts, { asker }: Question): Promise<Answer> {
  if (asker !== null) parts.peers.askedBy(asker);
  return { status: 200, body: await ownState(parts) };
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
