import type { Self } from '../core/observation.ts';
import type { Metrics } from '../http/metrics.ts';
import type { PeerClient } from '../http/peer.ts';
import type { Answer, Question, Route } from '../http/server.ts';
import type { Deletion } from '../kube/pod.ts';
import type { PasswordGeneration } from '../redis/password-step.ts';
import type { Agent } from './agent.ts';
import type { Clock } from './clock.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LocalRedis } from './local-redis.ts';
import type { Peers } from './peers.ts';
import type { PromiseKeeper } from './promise-keeper.ts';
import type { Scale } from './scale.ts';

/** What the routes speak for. */
export interface RouteParts {
  readonly self: Self;
  readonly clock: Clock;
  readonly agent: Agent;
  readonly lease: LeaseKeeper;
  readonly promises: PromiseKeeper;
  readonly peers: Peers;
  readonly client: Pick<PeerClient, 'override'>;
  readonly redis: LocalRedis;
  readonly metrics: Metrics;
  readonly scale: Pick<Scale, 'sight'>;
  /** Asks the API server whether this pod has been deleted. */
  readonly deletion: () => Promise<Deletion>;
  readonly passwordGeneration: () => PasswordGeneration | null;
}

/** Makes the answer of a route. */
export type Reply = (question: Question) => Answer | Promise<Answer>;

/** A route that changes nothing. */
export function get(path: string, answer: Reply, allows: Route['allows'] = 'anybody'): Route {
  return { method: 'GET', path, allows, answer };
}

/** A route that changes something. */
export function post(path: string, allows: Route['allows'], answer: Reply): Route {
  return { method: 'POST', path, allows, answer };
}

/** A refusal, with a sentence for a person. */
export function refusal(status: number, error: string, details: object = {}): Answer {
  return { status, body: { error, ...details } };
}

/** The holder's name, as this agent knows it. */
export function holderOf({ record }: Agent): string | null {
  return record?.holder?.pod ?? null;
}

const checkPeriodMs = 5;

/** Waits until `condition` holds; `false` when it does not within `limitMs`. */
export async function becomes(
  clock: Clock,
  limitMs: number,
  condition: () => boolean,
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
