import type { Action } from '../../../agent/core/decision.ts';
import type { Redis } from '../redis.ts';
import type { Agent } from './agent.ts';

/** How long to leave the API server alone after a route could not be written. */
const routeRetryMs = 200;

/**
 * Carries out one action as agent/run/act.ts does: commands to the own Redis are waited for within
 * the fence timeout, requests to others are begun.
 */
export function carryOut(agent: Agent, action: Action, done: () => void): void {
  const command = commandOf(agent, action);
  if (command !== null) {
    onRedis(agent, command, done);
    return;
  }
  if (action.kind === 'ask') agent.peers.ask();
  if (action.kind === 'find') agent.peers.findAll();
  if (action.kind === 'ask-promises') agent.promises.ask(action.durationMs);
  if (action.kind === 'write-lease') agent.lease.write(action.record, action.tell);
  if (action.kind === 'route') route(agent, action.term);
  done();
}

type Command = (redis: Redis) => void;

function commandOf(agent: Agent, action: Action): Command | null {
  switch (action.kind) {
    case 'fence':
      return (redis) => {
        redis.fence();
        if (action.cutClients) redis.cutClients();
      };
    case 'cut-clients':
      return (redis) => {
        redis.cutClients();
      };
    case 'withdraw':
      return (redis) => {
        redis.replicateFrom(null);
        if (action.cutClients) redis.cutClients();
      };
    case 'follow':
      return (redis) => {
        redis.replicateFrom(action.leader.address);
        if (action.cutClients) redis.cutClients();
      };
    case 'promote':
      return (redis) => {
        agent.redis.promote(redis);
      };
    case 'admit':
      return (redis) => {
        redis.admit(action.requiredReplicas, agent.timing.replicaLagSeconds);
        agent.world.checker.admitted(agent, redis);
      };
    case 'pause':
      return (redis) => {
        redis.pause(action.forMs);
      };
    default:
      return null;
  }
}

/** The bytes are in the socket: the command runs even when this process ends or stands still. */
function onRedis(agent: Agent, run: Command, done: () => void): void {
  const { world } = agent;
  const redis = agent.redis.connected;
  if (redis === null || redis.refusesAgent) {
    done();
    return;
  }
  world.after(world.prng.between(0.05, 0.3), () => {
    world.clients.crowd(redis);
    const outcome = redis.command(() => {
      run(redis);
    });
    world.clients.crowd(redis);
    agent.timer(outcome === 'waits' ? agent.timing.fenceTimeoutMs : 0.1, done);
  });
}

/** How often a leader reads the route again: somebody may have changed it. */
const reviewPeriodMs = 5000;

/** Reads the route again when that is due, as agent/run/routing.ts does. */
export function reviewRoute(agent: Agent): void {
  const { world } = agent;
  if (agent.routeBusy || world.nowMs < agent.routeReviewedAtMs + reviewPeriodMs) return;
  agent.routeReviewedAtMs = world.nowMs;
  const before = agent.route;
  const read = (): typeof world.api.slice => world.api.slice;
  world.api.request(agent.place, agent.requestTimeoutMs, read, (result) => {
    agent.meanwhile(() => {
      // A write that has ended meanwhile knows better.
      if (result.kind === 'failed' || agent.route !== before) return;
      agent.route = result.value ?? { term: 0, address: null };
      agent.look();
    });
  });
}

function route(agent: Agent, term: number): void {
  const { world, self } = agent;
  agent.routeBusy = true;
  const end = (): void => {
    agent.routeBusy = false;
    agent.look();
  };
  const write = (): ReturnType<typeof world.api.route> => world.api.route(term, self.address);
  world.api.request(agent.place, agent.requestTimeoutMs, write, (result) => {
    agent.meanwhile(() => {
      if (result.kind === 'failed') {
        agent.timer(routeRetryMs, end);
        return;
      }
      agent.route = result.value;
      agent.routeReviewedAtMs = world.nowMs;
      end();
    });
  });
}
