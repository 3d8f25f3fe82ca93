import { apiFaults } from './api-faults.ts';
import { FaultTools, type FaultTable } from './fault-tools.ts';
import { networkFaults } from './network-faults.ts';
import { podFaults } from './pod-faults.ts';
import { processFaults } from './process-faults.ts';
import type { World } from './world.ts';

/** What can go wrong in a world: protocol section 13, as far as it can be told in this model. */
export const faultKinds = [
  'redis-killed',
  'redis-stopped',
  'redis-loses-disk',
  'redis-restored',
  'redis-refuses',
  'redis-frozen',
  'agent-killed',
  'agent-killed-at-step',
  'agent-stopped',
  'agent-stalled',
  'both-killed',
  'pod-frozen',
  'pod-deleted',
  'pod-forced',
  'pod-twinned',
  'pod-loses-disk',
  'rolling-restart',
  'power-off',
  'all-powered-off',
  'cut-off',
  'left-behind',
  'cut-from-api',
  'cut-from-peers',
  'cut-one-way',
  'split',
  'api-down',
  'api-away',
  'api-slow',
  'watch-stalled',
  'lease-deleted',
  'lease-paused',
  'pause-by-request',
  'override',
  'route-changed',
  'switchover',
  'config-by-hand',
  'replicaof-by-hand',
] as const;
/** One of `faultKinds`. */
export type FaultKind = (typeof faultKinds)[number];

/** A set that nothing has happened to is whole by then, be its pods and its resyncs slow. */
const wholeMs = 18_000;

/** Draws faults until the world becomes calm, and ends what has not ended by then. */
export class FaultPlan {
  readonly #world: World;
  readonly #tools: FaultTools;
  readonly #faults: FaultTable;

  constructor(world: World) {
    this.#world = world;
    this.#tools = new FaultTools(world);
    this.#faults = {
      ...processFaults(this.#tools),
      ...podFaults(this.#tools),
      ...networkFaults(this.#tools),
      ...apiFaults(this.#tools),
    };
  }

  /** Begins to draw. */
  begin(): void {
    const { calmAtMs } = this.#world.options;
    this.#next();
    this.#world.at(calmAtMs, () => {
      this.#calmDown();
    });
  }

  #next(): void {
    const world = this.#world;
    const { faults, faultPeriodMs } = world.options;
    if (faults.length === 0) return;
    if (world.options.isOneFault) {
      world.after(world.prng.between(wholeMs, wholeMs + 4000), () => {
        this.#strike();
      });
      return;
    }
    // Two within a short time are more than twice as bad as one.
    const waitMs = world.prng.chance(0.3)
      ? world.prng.magnitude(1, 1000)
      : world.prng.between(0, 2) * faultPeriodMs;
    world.after(waitMs, () => {
      if (world.isCalm) return;
      this.#strike();
      this.#next();
    });
  }

  #strike(): void {
    const world = this.#world;
    const kind = world.prng.pick(world.options.faults);
    // The leader is the pod that matters most.
    const pod = world.prng.chance(0.5) ? world.prng.pick(world.pods) : this.#tools.leader();
    world.trace(pod.place, 'FAULT', kind);
    this.#faults[kind]?.(pod);
  }

  #calmDown(): void {
    const world = this.#world;
    world.isCalm = true;
    world.trace(world.pods.length, 'calm', 'all faults end');
    world.disturb(
      world.pods.map(({ place }) => place),
      () => {
        world.network.mendAll();
      },
    );
    world.api.calmDown();
    world.network.calmDown();
    this.#tools.unpause();
    world.mended();
    for (const pod of world.everybody) if (!world.places.includes(pod)) this.#tools.forget(pod);
    for (const pod of world.pods) {
      this.#tools.obey(pod);
      this.#tools.thaw(pod);
      pod.agent?.resume();
      pod.agent?.request({ pause: null, override: null, switchover: null });
      if (pod.agent !== null) pod.agent.stepsLeft = Infinity;
      world.after(2000, () => {
        if (pod.uid === '') pod.create();
        else if (!pod.isEnding) {
          pod.startAgent();
          pod.startRedis();
        }
      });
    }
  }
}
