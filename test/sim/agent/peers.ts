import type { Inquiry, PeerSight, Self } from '../../../agent/core/observation.ts';
import { after, longAgo, type MonotonicMs } from '../../../agent/core/units.ts';
import { addressAgeMaxMs } from '../../../agent/run/address-book.ts';
import { doubtPeriodMs } from '../../../agent/run/peers.ts';
import type { Pod } from '../pod.ts';
import type { Agent } from './agent.ts';
import type { Said } from './said.ts';

/** How long an inquiry waits for answers. */
export const inquiryTimeoutMs = 300;

interface Known {
  readonly address: string;
  readonly lookedUpAtMs: MonotonicMs;
  /** When the API server was asked for it; `longAgo`: it was not. */
  readonly foundAtMs: MonotonicMs;
}

/** The other agents, as agent/run/peers.ts keeps them. */
export class Peers {
  readonly #agent: Agent;
  readonly #sights = new Map<number, PeerSight>();
  /** By ordinal, kept until one fails, and looked up again now and then. */
  readonly #addresses = new Map<number, Known>();
  readonly #silent = new Set<number>();
  /** When a pod was last looked up because another one of its name asked. */
  readonly #doubtedAtMs = new Map<number, MonotonicMs>();
  #list: readonly PeerSight[] = [];
  inquiry: Inquiry | null = null;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** What each said last. */
  get sights(): readonly PeerSight[] {
    return this.#list;
  }

  /** The pods that the set may have: the Lease may count more than the agent's pod was made with. */
  get members(): readonly Pod[] {
    const { world, membersMax } = this.#agent;
    return world.places.slice(0, membersMax());
  }

  /** Asks every peer; replaces a question that is still out. */
  ask(): void {
    const agent = this.#agent;
    const { members } = this;
    const inquiry = this.#begin();
    agent.world.checker.data.asked(agent);
    const others = members.filter(({ ordinal }) => ordinal !== agent.self.ordinal);
    const expected = others.filter(({ ordinal }) => !this.#silent.has(ordinal));
    // Those that were silent the last time are asked, and not waited for while others answer.
    const awaited = new Set((expected.length === 0 ? others : expected).map((pod) => pod.ordinal));
    const close = (): void => {
      if (this.inquiry !== inquiry) return;
      this.inquiry = { ...inquiry, done: true };
      agent.look();
    };
    const ended = (ordinal: number): void => {
      if (awaited.delete(ordinal) && awaited.size === 0) agent.meanwhile(close);
    };
    if (others.length === 0) agent.meanwhile(close);
    for (const { ordinal } of others) {
      let isOver = false;
      const end = (heard: boolean): void => {
        if (isOver) return;
        isOver = true;
        if (!heard && !this.#isElsewhere(ordinal, address)) {
          this.#addresses.delete(ordinal);
          this.#silent.add(ordinal);
        }
        ended(ordinal);
      };
      const address = this.find(ordinal);
      this.#askOne({ ordinal, address }, inquiry.askedAtMs, end);
      agent.timer(inquiryTimeoutMs, () => {
        end(false);
      });
    }
  }

  #begin(): Inquiry {
    const askedAtMs = this.#agent.clock();
    const inquiry = { askedAtMs, members: this.members.length, done: false };
    this.inquiry = inquiry;
    return inquiry;
  }

  /** Asks one peer; `end` is told whether it was heard, or never called when the answer is lost. */
  #askOne(
    { ordinal, address }: { readonly ordinal: number; readonly address: string },
    askedAtMs: MonotonicMs,
    end: (heard: boolean) => void,
  ): void {
    const refused = (): void => {
      end(false);
    };
    this.post(
      address,
      (asked, reply) => {
        asked.peers.askedBy(this.#agent.self);
        asked.answer((sight) => {
          reply(() => {
            const isMeant = sight.ordinal === ordinal && !this.#isElsewhere(ordinal, address);
            if (isMeant) this.#hear(sight, askedAtMs);
            end(isMeant);
          });
        });
      },
      refused,
    );
  }

  /**
   * Sends something to a peer. `arrive` runs in the process that listens at the address, and hands
   * what is to run here to its second argument; `refused` runs when nobody listens there.
   */
  post(
    address: string,
    arrive: (asked: Agent, reply: (run: () => void) => void) => void,
    refused: () => void = () => undefined,
  ): void {
    const agent = this.#agent;
    const { world } = agent;
    const { network } = world;
    const pod = world.podAt(address);
    if (pod === null || network.isLost() || !network.isOpen(agent.place, pod.place)) return;
    const reply = (run: () => void): void => {
      if (network.isLost() || !network.isOpen(pod.place, agent.place)) return;
      world.after(network.delayMs(), () => {
        agent.meanwhile(run);
      });
    };
    world.after(network.delayMs(), () => {
      const asked = pod.agent;
      if (asked === null || pod.address !== address) agent.meanwhile(refused);
      else {
        asked.meanwhile(() => {
          arrive(asked, reply);
        });
      }
    });
  }

  /** A pod asks, and it may not be the one that is known by its name. */
  askedBy({ ordinal, uid }: Self): void {
    const agent = this.#agent;
    const sight = this.#sights.get(ordinal);
    const nowMs = agent.clock();
    const isDue = nowMs >= after(this.#doubtedAtMs.get(ordinal) ?? longAgo, doubtPeriodMs);
    if (sight === undefined || !agent.variant.isAnotherPod(sight.uid, uid) || !isDue) return;
    this.#doubtedAtMs.set(ordinal, nowMs);
    this.#lookUp(ordinal);
  }

  /** Looks every peer up by its pod's object, then asks. */
  findAll(): void {
    const agent = this.#agent;
    const { members } = this;
    const inquiry = this.#begin();
    const sought = new Set(members.map(({ ordinal }) => ordinal));
    sought.delete(agent.self.ordinal);
    const askNow = (): void => {
      if (this.inquiry === inquiry) this.ask();
    };
    for (const ordinal of sought) {
      this.#lookUp(ordinal, () => {
        sought.delete(ordinal);
        if (sought.size === 0) askNow();
      });
    }
    agent.timer(inquiryTimeoutMs, askNow);
  }

  #lookUp(ordinal: number, done: () => void = () => undefined): void {
    const agent = this.#agent;
    const { world } = agent;
    const foundAtMs = agent.clock();
    const read = (): string => world.places[ordinal]!.address;
    world.api.request(agent.place, agent.requestTimeoutMs, read, (result) => {
      agent.meanwhile(() => {
        if (result.kind === 'answered') this.#isAt(ordinal, result.value, foundAtMs);
        done();
      });
    });
  }

  #isAt(ordinal: number, address: string, foundAtMs: MonotonicMs): void {
    const lookedUpAtMs = this.#agent.clock();
    const before = this.#addresses.get(ordinal)?.address;
    this.#addresses.set(ordinal, { address, lookedUpAtMs, foundAtMs });
    if (before === undefined || before === address) return;
    const sight = this.#sights.get(ordinal);
    if (sight !== undefined) {
      this.#sights.set(ordinal, { ...sight, askedAtMs: longAgo });
      this.#list = [...this.#sights.values()];
    }
    this.#askOne({ ordinal, address }, lookedUpAtMs, () => undefined);
  }

  #isElsewhere(ordinal: number, address: string): boolean {
    const known = this.#addresses.get(ordinal);
    return known !== undefined && known.address !== address;
  }

  /** From the DNS, which may still have the address of the pod before. */
  find(ordinal: number): string {
    const known = this.#addresses.get(ordinal);
    const lookedUpAtMs = this.#agent.clock();
    const isNew = known !== undefined && lookedUpAtMs < after(known.lookedUpAtMs, addressAgeMaxMs);
    if (isNew) return known.address;
    const found = this.#agent.world.lookUp(ordinal);
    this.#addresses.set(ordinal, { address: found, lookedUpAtMs, foundAtMs: longAgo });
    return known?.address ?? found;
  }

  #hear(said: Said, askedAtMs: MonotonicMs): void {
    this.#silent.delete(said.ordinal);
    // The answer to a later question may have overtaken it.
    const before = this.#sights.get(said.ordinal);
    if ((before?.askedAtMs ?? longAgo) > askedAtMs) return;
    const heardAtMs = this.#agent.clock();
    const metAtMs = before?.uid === said.uid ? before.metAtMs : heardAtMs;
    const foundAtMs = this.#addresses.get(said.ordinal)?.foundAtMs ?? longAgo;
    this.#sights.set(said.ordinal, { ...said, heardAtMs, askedAtMs, metAtMs, foundAtMs });
    this.#list = [...this.#sights.values()];
    this.#agent.look();
  }
}
