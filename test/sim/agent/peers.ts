import type { Inquiry, PeerSight } from '../../../agent/core/observation.ts';
import type { Agent } from './agent.ts';

/** How long an inquiry waits for answers. */
export const inquiryTimeoutMs = 300;

/** The other agents, as agent/run/peers.ts keeps them. */
export class Peers {
  readonly #agent: Agent;
  readonly #sights = new Map<number, PeerSight>();
  /** Addresses by ordinal, kept until one fails. */
  readonly #addresses = new Map<number, string>();
  #list: readonly PeerSight[] = [];
  inquiry: Inquiry | null = null;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** What each said last. */
  get sights(): readonly PeerSight[] {
    return this.#list;
  }

  /** Asks every peer; replaces a question that is still out. */
  ask(): void {
    const agent = this.#agent;
    const inquiry: Inquiry = { askedAtMs: agent.clock(), done: false };
    this.inquiry = inquiry;
    agent.world.checker.asked(agent);
    let waitsFor = agent.world.pods.length - 1;
    const close = (): void => {
      if (this.inquiry !== inquiry) return;
      this.inquiry = { ...inquiry, done: true };
      agent.look();
    };
    const ended = (): void => {
      waitsFor -= 1;
      if (waitsFor === 0) agent.meanwhile(close);
    };
    if (waitsFor === 0) agent.meanwhile(close);
    for (const pod of agent.world.pods) {
      if (pod.ordinal !== agent.self.ordinal) this.#askOne(pod.ordinal, ended);
    }
    if (waitsFor > 0) agent.timer(inquiryTimeoutMs, close);
  }

  #askOne(ordinal: number, ended: () => void): void {
    const agent = this.#agent;
    const { world } = agent;
    const address = this.#find(ordinal);
    const pod = world.podAt(address);
    if (pod === null || world.network.isLost() || !world.network.isOpen(agent.place, pod.place)) {
      this.#addresses.delete(ordinal);
      return;
    }
    world.after(world.network.delayMs(), () => {
      const asked = pod.agent;
      if (asked === null || pod.address !== address) {
        // Nobody listens: the connection is refused.
        this.#addresses.delete(ordinal);
        ended();
        return;
      }
      asked.answer((sight) => {
        if (world.network.isLost() || !world.network.isOpen(pod.place, agent.place)) return;
        world.after(world.network.delayMs(), () => {
          agent.meanwhile(() => {
            if (sight.ordinal === ordinal) this.#hear(sight);
            else this.#addresses.delete(ordinal);
          });
          ended();
        });
      });
    });
  }

  /** From the DNS, which may still have the address of the pod before. */
  #find(ordinal: number): string {
    const known = this.#addresses.get(ordinal);
    if (known !== undefined) return known;
    const found = this.#agent.world.lookUp(ordinal);
    this.#addresses.set(ordinal, found);
    return found;
  }

  #hear(said: Omit<PeerSight, 'heardAtMs'>): void {
    this.#sights.set(said.ordinal, { ...said, heardAtMs: this.#agent.clock() });
    this.#list = [...this.#sights.values()];
  }
}
