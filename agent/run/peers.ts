import type { Inquiry, PeerSight } from '../core/observation.ts';
import { after, longAgo, type Member, type MonotonicMs } from '../core/units.ts';
import type { PeerClient } from '../http/peer.ts';
import type { PeerState } from '../http/peer-state.ts';
import type { AddressBook } from './address-book.ts';
import type { Clock } from './clock.ts';
import { nothingAfter } from './nothing-after.ts';

/** What `Peers` needs. */
export interface PeersOptions {
  /** Name of a pod by its ordinal. */
  readonly nameOf: (ordinal: number) => string;
  readonly ownOrdinal: number;
  /** Pods that the set may have: a Lease may count more than are configured here. */
  readonly members: () => number;
  readonly addresses: AddressBook;
  readonly client: Pick<PeerClient, 'state'>;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** How long an inquiry waits for answers: a healthy peer needs a few milliseconds. */
export const inquiryTimeoutMs = 300;

/**
 * How long an answer may take that nobody waits for any more. A machine with too much to do is slow, and
 * whoever hangs up on it and begins anew hears nothing of it at all.
 */
const lateAnswerMaxMs = 2000;

/** How old a survey may be. */
const surveyAgeMaxMs = 200;

/** From one lookup to the next because of who asks: nobody makes this agent ask the API server more often. */
export const doubtPeriodMs = 1000;

/** The other agents: what each said last, and the question that is out. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #sights = new Map<string, PeerSight>();
  /** Peers that did not answer the last time. */
  readonly #silent = new Set<string>();
  /** When a pod was last looked up because another one of its name asked. */
  readonly #doubtedAtMs = new Map<string, MonotonicMs>();
  #survey: { readonly atMs: MonotonicMs; readonly states: Promise<readonly PeerState[]> } | null =
    null;
  inquiry: Inquiry | null = null;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** Names of the other pods of the set. */
  get names(): readonly string[] {
    const { nameOf, ownOrdinal, members } = this.#options;
    const ordinals = Array.from({ length: members() }, (_, ordinal) => ordinal);
    return ordinals.filter((ordinal) => ordinal !== ownOrdinal).map(nameOf);
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
    const inquiry = this.#begin();
    const { askedAtMs } = inquiry;
    const asked = this.names.map((name) => ({ name, answer: this.#askOne(name, askedAtMs) }));
    const expected = asked.filter(({ name }) => !this.#silent.has(name));
    const awaited = expected.length === 0 ? asked : expected;
    void Promise.all(awaited.map(({ answer }) => answer)).then(() => {
      this.#conclude(inquiry);
    });
  }

  /** The same, once the API server has said anew where each of them is, or has not within an inquiry. */
  async find(): Promise<void> {
    const { addresses } = this.#options;
    const inquiry = this.#begin();
    const looking = Promise.all(this.names.map((name) => addresses.doubt(name)));
    await Promise.race([looking, nothingAfter(inquiryTimeoutMs)]);
    if (this.inquiry === inquiry) this.ask();
  }

  #begin(): Inquiry {
    const { members, clock } = this.#options;
    const inquiry = { askedAtMs: clock(), members: members(), done: false };
    this.inquiry = inquiry;
    return inquiry;
  }

  #conclude(inquiry: Inquiry): void {
    if (this.inquiry !== inquiry) return;
    this.inquiry = { ...inquiry, done: true };
    this.#options.onChange();
  }

  /** Resolves with what a peer says, or with `null` when it does not within an inquiry. */
  async #askOne(name: string, askedAtMs: MonotonicMs): Promise<PeerState | null> {
    const answer = this.#answerOf(name, askedAtMs);
    const isOver = answer.then(() => true);
    if ((await Promise.race([isOver, nothingAfter(inquiryTimeoutMs)])) === null) {
      if (this.#isOvertaken(name, askedAtMs)) return null;
      this.#silent.add(name);
      void this.#options.addresses.doubt(name);
      return null;
    }
    return answer;
  }

  /** Resolves with what a peer says, however late, or with `null` when nobody of that name does. */
  async #answerOf(name: string, askedAtMs: MonotonicMs): Promise<PeerState | null> {
    const { addresses, client } = this.#options;
    const found = await addresses.find(name, inquiryTimeoutMs);
    const result = found === null ? null : await client.state(found, lateAnswerMaxMs);
    // Whoever answers there speaks for a pod that has ended.
    if (addresses.isElsewhere(name, found)) return null;
    // Addresses are re-used by strangers: only who gives the expected name is heard.
    if (result?.kind === 'answered' && result.state.pod === name) {
      this.#hear(result.state, askedAtMs);
      return result.state;
    }
    if (this.#isOvertaken(name, askedAtMs)) return null;
    addresses.forget(name, found);
    this.#silent.add(name);
    return null;
  }

  /**
   * A pod asks, and another one is known by its name. A pod that was deleted by force may run on and
   * answer under its name for as long as its machine is away from the API server, and what it has is
   * older than what the set confirms to the one that has the name by now (I3, I7). So the name is looked
   * up again by the pod's object. The question itself proves nothing: anybody may send it, or the former pod.
   */
  askedBy({ pod, uid }: Member): void {
    const sight = this.#sights.get(pod);
    const nowMs = this.#options.clock();
    const isDue = nowMs >= after(this.#doubtedAtMs.get(pod) ?? longAgo, doubtPeriodMs);
    if (sight === undefined || sight.uid === uid || !isDue) return;
    this.#doubtedAtMs.set(pod, nowMs);
    void this.#doubt(pod);
  }

  async #doubt(pod: string): Promise<void> {
    const { addresses, clock } = this.#options;
    if (!(await addresses.doubt(pod))) return;
    const sight = this.#sights.get(pod);
    // What it knows of terms and promises is so. But it is no answer of a member.
    if (sight !== undefined) this.#sights.set(pod, { ...sight, askedAtMs: longAgo });
    void this.#askOne(pod, clock());
  }

  /** The peer has answered a later question: that an older one fails says nothing. */
  #isOvertaken(name: string, askedAtMs: MonotonicMs): boolean {
    const sight = this.#sights.get(name);
    return sight !== undefined && sight.askedAtMs > askedAtMs;
  }

  /**
   * What each peer says now, for people: an inquiry of the core goes on as it is. Many who ask at
   * once cost one question: anybody may ask.
   */
  survey(): Promise<readonly PeerState[]> {
    const nowMs = this.#options.clock();
    const last = this.#survey;
    if (last !== null && nowMs < after(last.atMs, surveyAgeMaxMs)) return last.states;
    const answers = this.names.map((name) => this.#askOne(name, nowMs));
    const states = Promise.all(answers).then((all) => all.filter((state) => state !== null));
    this.#survey = { atMs: nowMs, states };
    return states;
  }

  #hear(state: PeerState, askedAtMs: MonotonicMs): void {
    const { pod, uid, address, ordinal, priority } = state;
    const { term, leading, position, withdrawn, bound, stopping } = state;
    const who = { pod, uid, address, ordinal, priority };
    const { addresses, clock } = this.#options;
    const heardAtMs = clock();
    this.#silent.delete(pod);
    if (this.#isOvertaken(pod, askedAtMs)) return;
    const said = { term, leading, position, withdrawn, bound, stopping };
    const before = this.#sights.get(pod);
    const metAtMs = before?.uid === uid ? before.metAtMs : heardAtMs;
    const foundAtMs = addresses.foundAtMs(pod);
    this.#sights.set(pod, { ...who, ...said, heardAtMs, askedAtMs, metAtMs, foundAtMs });
    // The one that matters may have answered, while another one is slow or dead.
    this.#options.onChange();
  }
}
