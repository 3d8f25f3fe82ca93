import { isHeldBy, recordedHead } from '../../agent/core/lease.ts';
import type { Pod } from './pod.ts';

/** How long a preStop hook may wait for a successor. */
const prestopMaxMs = 10_000;
/** How long it may while its pod leads and others are to come, with the least grace that the chart takes. */
const leadersPrestopMaxMs = 20_000;
/** How often the hook looks. */
const lookPeriodMs = 20;

/** The end of a pod that was deleted: the preStop hook, SIGTERM to Redis, then to the agent. */
export class Termination {
  readonly #pod: Pod;
  readonly #uid: string;
  readonly #beganMs: number;
  readonly #createAfterMs: number;
  #hasHeld = false;

  /** The set gets a new pod of the name `createAfterMs` after this one is gone. */
  constructor(pod: Pod, createAfterMs: number) {
    this.#pod = pod;
    this.#uid = pod.uid;
    this.#beganMs = pod.world.nowMs;
    this.#createAfterMs = createAfterMs;
  }

  begin(): void {
    const { agent, world } = this.#pod;
    // The hook knows whether its pod led before it asks for the hand-over, which may be over in milliseconds.
    this.#hasHeld = this.#holds();
    agent?.meanwhile(() => {
      agent.request({ stop: 'pod' });
    });
    world.after(lookPeriodMs, () => {
      this.#look();
    });
  }

  #look(): void {
    const { world, uid, members } = this.#pod;
    if (uid !== this.#uid) return;
    this.#hasHeld ||= this.#holds();
    const untilMs = this.#beganMs + (this.#outstays() ? leadersPrestopMaxMs : prestopMaxMs);
    if (this.#isNeeded() && world.nowMs < untilMs && members > 1) {
      world.after(lookPeriodMs, () => {
        this.#look();
      });
      return;
    }
    this.#pod.endRedis(true);
    world.after(1000, () => {
      this.#stopAgent();
    });
  }

  #holds(): boolean {
    const { agent } = this.#pod;
    const record = agent?.record ?? null;
    return agent !== null && record !== null && isHeldBy(record, agent.self);
  }

  /** What agent/run/prestop.ts waits for. */
  #isNeeded(): boolean {
    const record = this.#pod.agent?.record ?? null;
    const isLed = record === null || recordedHead(record) !== null;
    return this.#holds() || (this.#hasHeld && !isLed);
  }

  #outstays(): boolean {
    const { agent, world } = this.#pod;
    const record = agent?.record ?? null;
    const leads = this.#holds() && record !== null && recordedHead(record) !== null;
    return leads && world.pods.some((pod) => pod !== this.#pod);
  }

  #stopAgent(): void {
    const pod = this.#pod;
    const { agent, world } = pod;
    agent?.meanwhile(() => {
      agent.request({ stop: 'agent' });
    });
    world.after(2000, () => {
      if (pod.uid !== this.#uid) return;
      pod.remove();
      world.after(this.#createAfterMs, () => {
        pod.create();
      });
    });
  }
}
