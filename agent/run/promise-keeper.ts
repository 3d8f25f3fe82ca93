import type { V1Lease } from '@kubernetes/client-node';
import type { PeerSight } from '../core/observation.ts';
import {
  noPromises,
  promiseFor,
  type GivenPromise,
  type PromiseGrant,
  type Promises,
} from '../core/promise.ts';
import { after, isSame, latest, longAgo, type Member, type MonotonicMs } from '../core/units.ts';
import type { PeerClient, PromiseAnswer } from '../http/peer.ts';
import { recordOf } from '../kube/lease-record.ts';
import type { Clock } from './clock.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** What promises are given and asked for with. */
export interface PromiseKeeperOptions {
  readonly self: Member;
  readonly clock: Clock;
  readonly lease: Pick<LeaseKeeper, 'see' | 'sight' | 'busy' | 'lease'>;
  /** Where the others are. A pod that was never heard is not asked: who has its address may be a stranger. */
  readonly peers: { readonly sights: readonly PeerSight[] };
  readonly client: Pick<PeerClient, 'promise'>;
  /** Whether a pod has been deleted, be it that another has its name by now; `null` while nobody knows. */
  readonly isReplaced: (pod: Member) => Promise<boolean | null>;
  /** Called whenever the core should look again. */
  readonly onChange: () => void;
}

/** From one look at the leader's pod to the next. It asks twice a second while it cannot renew. */
export const seekPeriodMs = 1000;

/** The promises that this agent has given, and those that it was given: core/promise.ts. */
export class PromiseKeeper {
  readonly #options: PromiseKeeperOptions;
  /** By the pod's name: a pod that was made anew speaks for itself, and no longer for the one before. */
  readonly #granted = new Map<string, PromiseGrant>();
  #askedAtMs: MonotonicMs | null = noPromises.askedAtMs;
  /** UID of a leader whose pod has been deleted. A UID does not come back. */
  #goneUid: string | null = null;
  #soughtAtMs = longAgo;
  /** The promise that was given last, be it over by now. */
  given: GivenPromise | null = null;

  constructor(options: PromiseKeeperOptions) {
    this.#options = options;
  }

  /** What members have promised to this agent. */
  get promises(): Promises {
    return { askedAtMs: this.#askedAtMs, granted: [...this.#granted.values()] };
  }

  /** Members whose promise of `durationMs` still holds. */
  heldCount(durationMs: number): number {
    const nowMs = this.#options.clock();
    const granted = [...this.#granted.values()];
    return granted.filter(({ sentAtMs }) => nowMs < sentAtMs + durationMs).length;
  }

  /**
   * Promises to keep still for the holder of the Lease that is shown, or does not. All in one step:
   * nothing can begin a claim between the check and the promise.
   */
  give(lease: V1Lease, durationMs: number): PromiseAnswer {
    const { self, clock, lease: keeper, onChange } = this.#options;
    keeper.see(lease);
    const { sight, busy } = keeper;
    const known = sight.kind === 'read' ? sight.record : null;
    const shown = recordOf(lease);
    const { holder } = shown;
    if (holder !== null) void this.#seek(holder);
    const isGone = holder !== null && holder.uid === this.#goneUid;
    const nowMs = clock();
    const asked = { self, shown, known, isGone, isWriting: busy, durationMs, nowMs };
    const promise = promiseFor(asked);
    if (promise !== null) this.given = this.#atLeast(promise);
    onChange();
    const { pod, uid } = self;
    return { granted: promise !== null, term: known?.term ?? 0, pod, uid };
  }

  /** Looks, beside the answer, whether the leader's pod is still there. */
  async #seek(leader: Member): Promise<void> {
    const { clock, isReplaced } = this.#options;
    if (clock() < after(this.#soughtAtMs, seekPeriodMs)) return;
    this.#soughtAtMs = clock();
    if ((await isReplaced(leader)) === true) this.#goneUid = leader.uid;
  }

  /** A shorter promise does not end a longer one (I14). */
  #atLeast(promise: GivenPromise): GivenPromise {
    const { given } = this;
    const isAgain = given?.term === promise.term && isSame(given.leader, promise.leader);
    if (!isAgain) return promise;
    return { ...promise, untilMs: latest(given.untilMs, promise.untilMs) };
  }

  /** Asks every member; each promise that comes is an event. */
  ask(durationMs: number): void {
    const { lease, peers, clock } = this.#options;
    this.#askedAtMs = clock();
    if (lease.lease === null) return;
    for (const peer of peers.sights) void this.#askOne(peer, lease.lease, durationMs);
  }

  async #askOne(peer: PeerSight, lease: V1Lease, durationMs: number): Promise<void> {
    const { client, clock, onChange } = this.#options;
    const { term } = recordOf(lease);
    // The send counts, not the answer: the promise may be over before we hear of it.
    const sentAtMs = clock();
    const result = await client.promise(peer.address, lease, durationMs);
    if (result.kind !== 'answered' || !result.answer.granted) return;
    const { pod, uid } = result.answer;
    if (pod !== peer.pod || this.#isOlder(pod, sentAtMs)) return;
    this.#granted.set(pod, { pod, uid, ordinal: peer.ordinal, term, sentAtMs });
    onChange();
  }

  #isOlder(pod: string, sentAtMs: MonotonicMs): boolean {
    const known = this.#granted.get(pod);
    return known !== undefined && known.sentAtMs >= sentAtMs;
  }
}
