import type { Inquiry, PeerSight } from '../core/observation.ts';
import type { Member, MonotonicMs } from '../core/units.ts';
import type { PeerClient } from '../http/peer.ts';
import type { PeerState } from '../http/peer-state.ts';
import type { AddressBook } from './address-book.ts';
import type { Clock } from './clock.ts';

/** What `Peers` needs. */
export interface PeersOptions {
  readonly names: readonly string[];
  readonly addresses: AddressBook;
  readonly client: PeerClient;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** How long an inquiry waits for answers: a healthy peer needs a few milliseconds. */
export const inquiryTimeoutMs = 300;

/** The other agents: what each said last, and the question that is out. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #sights = new Map<string, PeerSight>();
  inquiry: Inquiry | null = null;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** What each peer said last. */
  get sights(): readonly PeerSight[] {
    return [...this.#sights.values()];
  }

  /** Asks every peer; replaces a question that is still out. */
  ask(): void {
    const { names, clock, onChange } = this.#options;
    const askedAtMs = clock();
    this.inquiry = { askedAtMs, done: false };
    void Promise.all(names.map((name) => this.#askOne(name, askedAtMs))).then(() => {
      if (this.inquiry?.askedAtMs !== askedAtMs) return;
      this.inquiry = { askedAtMs, done: true };
      onChange();
    });
  }

  async #askOne(name: string, askedAtMs: MonotonicMs): Promise<void> {
    const { addresses, client } = this.#options;
    const found = await addresses.find(name, inquiryTimeoutMs);
    if (found === null) return;
    const leftMs = inquiryTimeoutMs - (this.#options.clock() - askedAtMs);
    const result = await client.state(found, Math.max(1, leftMs));
    // Addresses are re-used by strangers: only who gives the expected name is heard.
    if (result.kind === 'answered' && result.state.pod === name) this.#hear(result.state);
    else addresses.forget(name);
  }

  #hear(state: PeerState): void {
    const { pod, uid, address, ordinal, priority, term, leading, position } = state;
    const heardAtMs = this.#options.clock();
    const said = { pod, uid, address, ordinal, priority, term, leading, position };
    this.#sights.set(pod, { ...said, heardAtMs });
  }

  /** An address that is known from elsewhere, such as the leader's from the Lease. */
  meet({ pod }: Member, address: string): void {
    this.#options.addresses.learn(pod, address);
  }
}
