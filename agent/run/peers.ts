import type { Inquiry, PeerSight } from '../core/observation.ts';
import { after, type MonotonicMs } from '../core/units.ts';
import type { PeerClient } from '../http/peer.ts';
import type { PeerState } from '../http/peer-state.ts';
import type { AddressBook } from './address-book.ts';
import type { Clock } from './clock.ts';

/** What `Peers` needs. */
export interface PeersOptions {
  readonly names: readonly string[];
  readonly addresses: AddressBook;
  readonly client: Pick<PeerClient, 'state'>;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** How long an inquiry waits for answers: a healthy peer needs a few milliseconds. */
export const inquiryTimeoutMs = 300;

/** How old a survey may be. */
const surveyAgeMaxMs = 200;

/** The other agents: what each said last, and the question that is out. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #sights = new Map<string, PeerSight>();
  /** Peers that did not answer the last time. */
  readonly #silent = new Set<string>();
  #survey: { readonly atMs: MonotonicMs; readonly states: Promise<readonly PeerState[]> } | null =
    null;
  inquiry: Inquiry | null = null;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Names of the other pods of the set. */
  get names(): readonly string[] {
    return this.#options.names;
  }

  /** What each peer said last. */
  get sights(): readonly PeerSight[] {
    return [...this.#sights.values()];
  }

  /**
   * Asks every peer; replaces a question that is still out. Those that did not answer the last time
   * are asked too, and not waited for while others answer: a dead pod must not delay a failover.
   */
  ask(): void {
    const { names, clock } = this.#options;
    const askedAtMs = clock();
    this.inquiry = { askedAtMs, done: false };
    const asked = names.map((name) => ({ name, answer: this.#askOne(name, askedAtMs) }));
    const expected = asked.filter(({ name }) => !this.#silent.has(name));
    const awaited = expected.length === 0 ? asked : expected;
    void Promise.all(awaited.map(({ answer }) => answer)).then(() => {
      this.#conclude(askedAtMs);
    });
  }

  #conclude(askedAtMs: MonotonicMs): void {
    if (this.inquiry?.askedAtMs !== askedAtMs) return;
    this.inquiry = { askedAtMs, done: true };
    this.#options.onChange();
  }

  async #askOne(name: string, askedAtMs: MonotonicMs): Promise<PeerState | null> {
    const { addresses, client, clock } = this.#options;
    const found = await addresses.find(name, inquiryTimeoutMs);
    const leftMs = inquiryTimeoutMs - (clock() - askedAtMs);
    const result = found === null ? null : await client.state(found, Math.max(1, leftMs));
    // Addresses are re-used by strangers: only who gives the expected name is heard.
    if (result?.kind === 'answered' && result.state.pod === name) {
      this.#hear(result.state);
      return result.state;
    }
    addresses.forget(name);
    this.#silent.add(name);
    return null;
  }

  /**
   * What each peer says now, for people: an inquiry of the core goes on as it is. Many who ask at
   * once cost one question: anybody may ask.
   */
  survey(): Promise<readonly PeerState[]> {
    const { names, clock } = this.#options;
    const nowMs = clock();
    const last = this.#survey;
    if (last !== null && nowMs < after(last.atMs, surveyAgeMaxMs)) return last.states;
    const answers = names.map((name) => this.#askOne(name, nowMs));
    const states = Promise.all(answers).then((all) => all.filter((state) => state !== null));
    this.#survey = { atMs: nowMs, states };
    return states;
  }

  #hear(state: PeerState): void {
    const { pod, uid, address, ordinal, priority } = state;
    const { term, leading, position, withdrawn, stopping } = state;
    const who = { pod, uid, address, ordinal, priority };
    const heardAtMs = this.#options.clock();
    this.#silent.delete(pod);
    this.#sights.set(pod, { ...who, term, leading, position, withdrawn, stopping, heardAtMs });
  }
}
