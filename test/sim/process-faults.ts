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
