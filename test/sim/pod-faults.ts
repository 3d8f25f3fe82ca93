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
    'pod-twinned': (pod) => {
      const place = pod.uid === '' || pod.isEnding ? null : world.takeSpare();
      if (place === null) return;
      const former = pod.place;
      const { api } = world.network;
      // Who deletes it believes that its machine is lost; the others may still reach it.
      const others = prng.chance(0.5)
        ? [...world.everybody.map((one) => one.place), place, api]
        : [api];
      const forMs = prng.magnitude(1000, 20_000);
      tools.cutBoth(
        [former],
        others.filter((one) => one !== former),
        forMs,
      );
      const twin = pod.leaveBehind(place);
      world.disturb([], () => undefined);
      world.after(prng.magnitude(500, 5000), () => {
        pod.create();
      });
      // When its machine is back, kubelet needs a while to see that the pod was deleted.
      tools.later(forMs + prng.magnitude(10, 10_000), () => {
        tools.forget(twin);
      });
    },
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
