import type { GivenPromise } from '../../agent/core/promise.ts';
import type { Agent } from './agent/agent.ts';
import type { World } from './world.ts';

/** A promise, in the time of the world. */
interface Entry {
  readonly leaderUid: string;
  readonly term: number;
  readonly untilMs: number;
}

/** All promises that members have given, whether their agents remember them or not. */
export class PromiseBook {
  readonly #world: World;
  /** By the name of the pod that gave it. */
  readonly #entries = new Map<string, Entry[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A member has given a promise. */
  note(agent: Agent, { leader, term, untilMs }: GivenPromise): void {
    const { pod } = agent.self;
    const { nowMs } = this.#world;
    const valid = (this.#entries.get(pod) ?? []).filter((entry) => entry.untilMs > nowMs);
    const entry = { leaderUid: leader.uid, term, untilMs: agent.inWorld(untilMs) };
    this.#entries.set(pod, [...valid, entry]);
  }

  /** Whether so many members are bound to `agent` now that nobody may lead beside it. */
  areKept({ self, record }: Agent, slackMs: number): boolean {
    const { members, durability } = self;
    const needed = durability.strictQuorum ? durability.requiredReplicas : members - 1;
    let bound = 0;
    for (const entries of this.#entries.values()) {
      const isBound = entries.some(
        ({ leaderUid, term, untilMs }) =>
          leaderUid === self.uid && term === record?.term && untilMs > this.#world.nowMs - slackMs,
      );
      if (isBound) bound += 1;
    }
    return needed > 0 && bound >= needed;
  }
}
