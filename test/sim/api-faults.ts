import type { FaultTable, FaultTools } from './fault-tools.ts';

/** What happens to the API server and to the objects in it, and what people ask for. */
export function apiFaults(tools: FaultTools): FaultTable {
  const { world } = tools;
  const { prng } = world;
  const away = (forMs: number): void => {
    world.api.down = true;
    tools.later(forMs, () => {
      world.api.down = false;
      world.api.relistAll();
    });
  };
  return {
    'api-down': () => {
      away(prng.magnitude(500, 20_000));
    },
    'api-away': () => {
      away(prng.magnitude(5000, 60_000));
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
      if (agent === null) return;
      tools.ask(agent, { switchover: { to, atMs: agent.clock() } }, { switchover: null });
    },
    'pause-by-request': ({ agent }) => {
      if (agent === null) return;
      tools.ask(agent, { pause: true }, { pause: false });
      world.after(15_000, () => {
        agent.meanwhile(() => {
          agent.request({ pause: null });
        });
      });
    },
    'override': ({ name: to }) => {
      world.checker.overridden();
      for (const { agent } of world.pods) {
        if (agent === null) continue;
        tools.ask(agent, { override: { to, atMs: agent.clock() } }, { override: null });
      }
    },
    'route-changed': () => {
      const { slice } = world.api;
      if (slice === null) return;
      const { address } = prng.pick(world.pods);
      const changed = [null, { ...slice, address }, { term: slice.term + 1, address }];
      world.api.slice = prng.pick(changed);
      world.checker.routeTampered({ address: world.api.slice?.address ?? null });
    },
  };
}
