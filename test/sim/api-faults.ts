import type { FaultTable, FaultTools } from './fault-tools.ts';

/** What happens to the API server and to the objects in it, and what people ask for. */
export function apiFaults(tools: FaultTools): FaultTable {
  const { world } = tools;
  const { prng } = world;
  return {
    'api-down': () => {
      world.api.down = true;
      tools.later(prng.magnitude(500, 20_000), () => {
        world.api.down = false;
        world.api.relistAll();
      });
    },
    'api-slow': () => {
      world.api.slowMs = prng.magnitude(200, 6000);
      tools.later(prng.magnitude(1000, 10_000), () => {
        world.api.slowMs = 0;
      });
    },
    'watch-stalled': (pod) => {
      world.api.stallWatch(pod.place, prng.magnitude(500, 15_000));
    },
    'lease-deleted': () => {
      world.checker.tampered();
      if (world.api.lease !== null) world.api.remove();
    },
    'lease-paused': () => {
      tools.edit({ paused: true });
      tools.later(prng.magnitude(1000, 10_000), () => {
        tools.edit({ paused: false });
      });
    },
    'switchover': () => {
      const { agent } = tools.leader();
      const to = prng.chance(0.5) ? null : prng.pick(world.pods).name;
      agent?.meanwhile(() => {
        agent.request({ switchover: { to, atMs: agent.clock() } });
      });
      world.after(10_000, () =>
        agent?.meanwhile(() => {
          agent.request({ switchover: null });
        }),
      );
    },
  };
}
