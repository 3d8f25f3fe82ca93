import type { FaultTable, FaultTools } from './fault-tools.ts';
import type { Pod } from './pod.ts';

/** What happens on the way between machines. */
export function networkFaults(tools: FaultTools): FaultTable {
  const { world } = tools;
  const { prng } = world;
  const peersOf = (pod: Pod): number[] =>
    world.pods.map(({ place }) => place).filter((place) => place !== pod.place);
  const api = (): number => world.network.api;
  return {
    'cut-off': (pod) => {
      tools.cutBoth([pod.place], [...peersOf(pod), api()]);
    },
    'left-behind': (pod) => {
      // Others lead, one after the other, before it comes back with what nobody else has.
      tools.cutBoth([pod.place], [...peersOf(pod), api()], prng.magnitude(8000, 25_000));
      for (const atMs of [7000, 8000, 9000]) {
        tools.later(atMs, () => {
          const { agent } = tools.leader();
          if (agent === null) return;
          const switchover = { to: null, atMs: agent.clock() };
          tools.ask(agent, { switchover }, { switchover: null });
        });
      }
    },
    'cut-from-api': (pod) => {
      tools.cutBoth([pod.place], [api()]);
    },
    'cut-from-peers': (pod) => {
      tools.cutBoth([pod.place], peersOf(pod));
    },
    'cut-one-way': (pod) => {
      const other = prng.pick([...peersOf(pod), api()]);
      tools.cut(prng.chance(0.5) ? [[pod.place, other]] : [[other, pod.place]]);
    },
    'split': () => {
      const left = [...world.pods.map(({ place }) => place), api()].filter(() => prng.chance(0.5));
      const right = [...world.pods.map(({ place }) => place), api()].filter(
        (place) => !left.includes(place),
      );
      tools.cutBoth(left, right);
    },
  };
}
