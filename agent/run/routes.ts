import type { V1Lease } from '@kubernetes/client-node';
import { isHeldBy } from '../core/lease.ts';
import type { Agent } from './agent.ts';
import type { Self } from '../core/observation.ts';
import type { RedisUp } from '../core/tenure.ts';
import { verdict, type Probe } from '../core/verdict.ts';
import type { Metrics } from '../http/metrics.ts';
import type { PeerState } from '../http/peer-state.ts';
import type { Answer, Question, Route } from '../http/server.ts';
import { isCount } from '../count.ts';
import { parseLease } from '../kube/lease-object.ts';
import type { Clock } from './clock.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LocalRedis } from './local-redis.ts';
import type { PromiseKeeper } from './promise-keeper.ts';

/** What the routes speak for. */
export interface RouteParts {
  readonly self: Self;
  readonly clock: Clock;
  readonly agent: Agent;
  readonly lease: LeaseKeeper;
  readonly promises: PromiseKeeper;
  readonly redis: LocalRedis;
  readonly metrics: Metrics;
  /** Whether the pod has a deletionTimestamp, as far as the API server says. */
  readonly isPodEnding: () => Promise<boolean>;
}

/** How long a preStop hook may wait for a successor before the pod stops without one. */
const prestopMaxMs = 10_000;
/** How long `regent switchover` waits for its outcome. */
const switchoverMaxMs = 10_000;
const checkPeriodMs = 5;

/** Everything that the agent answers: docs/architecture.md. */
export function routes(parts: RouteParts): readonly Route[] {
  return [
    probeRoute(parts, '/startupz', 'startup'),
    probeRoute(parts, '/readyz', 'readiness'),
    probeRoute(parts, '/livez', 'liveness'),
    get('/metrics', async () => ({ status: 200, body: await parts.metrics.text() })),
    {
      ...get('/v1/state', async () => ({ status: 200, body: await stateOf(parts) })),
      allows: 'members',
    },
    get('/v1/prestop', () => prestop(parts)),
    post('/v1/lead', 'peers', (question) => lead(parts, question)),
    post('/v1/promise', 'peers', (question) => promise(parts, question)),
    post('/v1/switchover', 'own-pod', (question) => switchover(parts, question)),
  ];
}

type Reply = (question: Question) => Answer | Promise<Answer>;

function get(path: string, answer: Reply): Route {
  return { method: 'GET', path, allows: 'anybody', answer };
}

function post(path: string, allows: Route['allows'], answer: Reply): Route {
  return { method: 'POST', path, allows, answer };
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

/** Looks at Redis anew: a hand-over waits for the very byte that this answer speaks of. */
async function stateOf({ self, agent }: RouteParts): Promise<PeerState> {
  const sight = await agent.lookAtRedis();
  const { pod, uid, address, ordinal, priority } = self;
  const { record } = agent;
  return {
    ...{ pod, uid, address, ordinal, priority },
    term: record?.term ?? 0,
    leading: agent.isLeading,
    position: sight.kind === 'up' ? sight.position : null,
    withdrawn: sight.kind === 'up' && isWithdrawn(sight),
    stopping: agent.isStopping,
    holder: holderOf(agent),
    reason: agent.reason,
  };
}

function isWithdrawn({ position, source }: RedisUp): boolean {
  return position.role === 'replica' && source === null;
}

/**
 * Hands over, and answers when that is done. Only for a pod that really goes away: kubelet asks
 * without a secret, so the question proves nothing, and a stranger must not move the leader.
 */
async function prestop(parts: RouteParts): Promise<Answer> {
  const { self, agent } = parts;
  if (!(await parts.isPodEnding())) {
    return { status: 409, body: { error: 'this pod has no deletionTimestamp' } };
  }
  agent.request({ stop: 'pod' });
  const hasLeft = (): boolean => agent.record === null || !isHeldBy(agent.record, self);
  const alone = self.members === 1;
  const left = alone || (await becomes(parts, hasLeft, prestopMaxMs));
  return { status: 200, body: { left } };
}

async function lead({ lease }: RouteParts, { body }: Question): Promise<Answer> {
  const given = leaseIn(body);
  if (given === null) return { status: 400, body: { error: 'lease: a Lease object is needed' } };
  // Taken as seen, not as true: every step from here on is a compare-and-swap on its version.
  lease.see(given);
  return Promise.resolve({ status: 200, body: {} });
}

function leaseIn(body: unknown): V1Lease | null {
  return parseLease(fieldsOf(body)['lease']);
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

function promise({ promises }: RouteParts, { body }: Question): Answer {
  const given = leaseIn(body);
  const { durationMs } = fieldsOf(body);
  if (given === null) return { status: 400, body: { error: 'lease: a Lease object is needed' } };
  if (!isCount(durationMs)) {
    return { status: 400, body: { error: 'durationMs: milliseconds are needed' } };
  }
  return { status: 200, body: promises.give(given, durationMs) };
}

async function switchover(parts: RouteParts, { body }: Question): Promise<Answer> {
  const { self, agent, clock } = parts;
  const to = wantedIn(body);
  if (to === undefined) return { status: 400, body: { error: 'to: the name of a pod is needed' } };
  if (agent.record === null || !isHeldBy(agent.record, self)) {
    const holder = holderOf(agent);
    const error = `this pod does not lead: ask ${holder ?? 'again, nobody does'}`;
    return { status: 409, body: { error, holder } };
  }
  agent.request({ switchover: { to, atMs: clock() } });
  const hasLeft = (): boolean => agent.record !== null && !isHeldBy(agent.record, self);
  const left = await becomes(parts, hasLeft, switchoverMaxMs);
  agent.request({ switchover: null });
  return left
    ? { status: 200, body: { holder: holderOf(agent) } }
    : { status: 409, body: { error: `no fit successor (${agent.reason})`, holder: self.pod } };
}

function holderOf({ record }: Agent): string | null {
  return record?.holder?.pod ?? null;
}

/** A pod's name, `null` for any; `undefined` when it is something else. */
function wantedIn(body: unknown): string | null | undefined {
  const to: unknown = body !== null && typeof body === 'object' && 'to' in body ? body.to : null;
  if (to === null) return null;
  return typeof to === 'string' && to !== '' ? to : undefined;
}

async function becomes(
  { clock }: RouteParts,
  condition: () => boolean,
  limitMs: number,
): Promise<boolean> {
  const untilMs = clock() + limitMs;
  while (!condition()) {
    if (clock() >= untilMs) return false;
    await new Promise((resolve) => {
      setTimeout(resolve, checkPeriodMs);
    });
  }
  return true;
}
