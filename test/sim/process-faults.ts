import type { FaultTable, FaultTools } from './fault-tools.ts';
import type { Pod } from './pod.ts';

/** What happens to the processes of a pod. */
export function processFaults(tools: FaultTools): FaultTable {
  const { world } = tools;
  const { prng } = world;
  const restartRedis = (pod: Pod, save: boolean): void => {
    pod.endRedis(save);
    world.after(prng.magnitude(20, 8000), () => {
      pod.startRedis();
    });
  };
  const restartAgent = (pod: Pod): void => {
    pod.endAgent();
    world.after(prng.magnitude(100, 10_000), () => {
      pod.startAgent();
    });
  };
  return {
    'redis-killed': (pod) => {
      restartRedis(pod, false);
    },
    'redis-stopped': (pod) => {
      restartRedis(pod, true);
    },
    'redis-loses-disk': (pod) => {
      restartRedis(pod, false);
      pod.wipe();
    },
    'redis-restored': (pod) => {
      // What this brings back to a set of one, a person has brought back.
      if (world.options.pods === 1) world.checker.overridden();
      restartRedis(pod, false);
      pod.restoreSnapshot();
    },
    'redis-refuses': (pod) => {
      const { redis, agent } = pod;
      if (redis === null) return;
      redis.refusesAgent = true;
      agent?.look();
      tools.later(prng.magnitude(200, 20_000), () => {
        tools.obey(pod);
      });
    },
    'config-by-hand': ({ redis }) => {
      if (redis?.answers !== true || redis.loading) return;
      // To open what was shut for good is more than an agent can prevent.
      if (redis.fenced) return;
      redis.touchedAtMs = world.nowMs;
      redis.minReplicas = prng.pick([0, 1, 2, 1_000_000]);
    },
    'agent-killed-at-step': ({ agent }) => {
      if (agent !== null) agent.stepsLeft = 1 + prng.below(12);
    },
    'redis-frozen': (pod) => {
      tools.freeze(pod, prng.magnitude(50, 20_000));
    },
    'agent-killed': restartAgent,
    'agent-stopped': ({ agent }) => {
      agent?.meanwhile(() => {
        agent.request({ stop: 'agent' });
      });
    },
    'agent-stalled': (pod) => {
      tools.stall(pod, prng.magnitude(50, 20_000));
    },
    'both-killed': (pod) => {
      restartRedis(pod, false);
      restartAgent(pod);
    },
    'pod-frozen': (pod) => {
      const forMs = prng.magnitude(50, 20_000);
      tools.freeze(pod, forMs);
      tools.stall(pod, forMs);
    },
    'replicaof-by-hand': (pod) => {
      world.checker.tampered();
      const { redis } = pod;
      if (redis?.answers !== true || redis.loading) return;
      if (prng.chance(0.5)) redis.promote();
      else redis.replicateFrom(prng.pick(world.pods).address);
    },
  };
}
