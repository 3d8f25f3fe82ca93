import type { FaultTable, FaultTools } from './fault-tools.ts';
import type { Pod } from './pod.ts';

/** What happens to whole pods and their machines. */
export function podFaults(tools: FaultTools): FaultTable {
  const { world } = tools;
  const { prng } = world;
  const replace = (pod: Pod): void => {
    pod.remove();
    world.after(prng.magnitude(500, 10_000), () => {
      pod.create();
    });
  };
  return {
    'pod-deleted': (pod) => {
      pod.terminate(prng.magnitude(500, 5000));
    },
    'pod-forced': replace,
    'pod-loses-disk': (pod) => {
      replace(pod);
      pod.wipe();
    },
    'rolling-restart': () => {
      world.pods.toReversed().forEach((pod, index) => {
        world.after(index * 4000, () => {
          if (!world.isCalm) pod.terminate(prng.between(500, 1500));
        });
      });
    },
    'power-off': replace,
    'all-powered-off': () => {
      for (const pod of world.pods) replace(pod);
    },
  };
}
