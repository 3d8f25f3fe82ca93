import type { RedisSight, ScaleSight } from '../../../agent/core/observation.ts';
import { needsScale } from '../../../agent/core/size.ts';
import type { Agent } from './agent.ts';

/** The StatefulSet's size as agent/run/scale.ts keeps it. */
export class Scale {
  readonly #agent: Agent;
  #reviewedAtMs = -Infinity;
  #isReviewing = false;
  #sight: ScaleSight | null = null;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** What was read; it is read again when that is due, and this agent could make use of it. */
  look(redis: RedisSight): ScaleSight | null {
    this.#review(redis);
    return this.#sight;
  }

  #review(redis: RedisSight): void {
    const agent = this.#agent;
    const { record, self, world, timing } = agent;
    const isDue = agent.clock() >= this.#reviewedAtMs + 3 * timing.renewPeriodMs;
    if (!isDue || this.#isReviewing || !needsScale(self, record, redis)) return;
    const askedAtMs = agent.clock();
    this.#reviewedAtMs = askedAtMs;
    this.#isReviewing = true;
    const read = (): number => world.pods.length;
    world.api.request(agent.place, agent.requestTimeoutMs, read, (result) => {
      agent.meanwhile(() => {
        this.#isReviewing = false;
        if (result.kind === 'failed') return;
        const before = this.#sight;
        this.#sight = { members: result.value, askedAtMs };
        if (before?.members !== result.value) agent.look();
      });
    });
  }
}
