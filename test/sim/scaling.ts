import type { Pod } from './pod.ts';
import type { Redis } from './redis.ts';
import type { World } from './world.ts';

/** How often the controller of the set looks at its pods. */
const lookPeriodMs = 1000;

/** How soon after its end it is looked at what a Redis had. */
const endCheckMs = 20;

/**
 * What a StatefulSet does when its size changes, once up and once down: pods are made, or the last ones
 * are ended; and since the size stands in the template, each other pod is made anew, the last first,
 * when all are ready: the first of them together with those that go away.
 */
export class Scaling {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    const { scalesTo, pods, calmAtMs } = this.#world.options;
    if (scalesTo === null) return;
    const { prng } = this.#world;
    this.#world.at(calmAtMs * prng.between(0.2, 0.5), () => {
      this.#resize(scalesTo);
    });
    this.#world.at(calmAtMs * prng.between(0.5, 1), () => {
      this.#resize(pods);
    });
    this.#roll();
  }

  #resize(size: number): void {
    const world = this.#world;
    const away = world.pods.slice(size);
    const isWhole = world.pods.every(isReady);
    world.resize(size);
    world.trace(0, 'SCALED', `to ${size}`);
    // The controller of a set whose pods come side by side goes on to its next task at once.
    if (isWhole) world.pods.at(-1)?.terminate(world.prng.between(500, 1500));
    for (const pod of away) {
      // Where members are on their way already, nobody may be left who could take over.
      if (isWhole && pod.redis !== null) this.#watch(pod.redis);
      pod.terminate(0);
    }
    for (const pod of world.pods) {
      world.after(world.prng.between(100, 3000), () => {
        pod.create();
      });
    }
  }

  /** What a pod that is scaled away has when it ends. */
  #watch(redis: Redis): void {
    const world = this.#world;
    world.after(endCheckMs, () => {
      if (redis.running) this.#watch(redis);
      else world.checker.data.scaledAway(redis);
    });
  }

  /** A pod of the old template at a time, the last first. */
  #roll(): void {
    const world = this.#world;
    world.after(lookPeriodMs, () => {
      const old = world.pods.findLast(
        ({ uid, members }) => uid !== '' && members !== world.pods.length,
      );
      if (world.pods.every(isReady)) old?.terminate(world.prng.between(500, 1500));
      this.#roll();
    });
  }
}

/** Its Redis leads, or has what a leader sends. */
function isReady({ redis, agent, isEnding, uid }: Pod): boolean {
  if (uid === '' || isEnding || agent === null || redis?.answers !== true) return false;
  return redis.role === 'primary' ? !redis.fenced : redis.link?.state === 'up';
}
