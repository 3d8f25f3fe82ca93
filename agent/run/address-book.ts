import { after, longAgo, type MonotonicMs } from '../core/units.ts';
import type { Clock } from './clock.ts';
import { nothingAfter } from './nothing-after.ts';

/** Finds the IP address of a pod; rejects or gives `null` when it knows none. */
export type FindAddress = (pod: string) => Promise<string | null>;

/** Where addresses come from. */
export interface AddressBookOptions {
  /** By the stable DNS name of the pod. Works without the API server. */
  readonly byName: FindAddress;
  /** By the pod's object. Up to date when the DNS is not: answers and refusals are cached. */
  readonly byObject: FindAddress;
  readonly clock: Clock;
}

/**
 * How old an address may be, in milliseconds: by then the DNS knows better. CoreDNS as kubeadm sets it
 * up, and the cache for DNS on each machine, keep an answer for 30 s.
 */
export const addressAgeMaxMs = 30_000;

interface Known {
  readonly address: string;
  readonly lookedUpAtMs: MonotonicMs;
  /** When the API server was asked for it; `longAgo`: it was not. */
  readonly foundAtMs: MonotonicMs;
}

/**
 * Pods' addresses by name. One is kept while somebody of that name answers there: a lookup on the way
 * to a failover could cost more than the failover. Now and then it is looked up again beside that: a
 * pod that was deleted by force may run on where it was, and answer for the one that has its name by
 * now, which nobody would hear. Redis itself never gets a name: it resolves while everything else waits.
 *
 * The DNS is asked first, and where it knows nothing, or an address that was wrong, the API server.
 */
export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #known = new Map<string, Known>();
  readonly #wrong = new Set<string>();
  readonly #pending = new Map<string, Promise<string | null>>();

  constructor(options: AddressBookOptions) {
    this.#options = options;
  }

  /** The address of a pod; `null` when none is found within `timeoutMs`. */
  async find(pod: string, timeoutMs: number): Promise<string | null> {
    const known = this.#known.get(pod);
    if (known === undefined) return Promise.race([this.#lookUp(pod), nothingAfter(timeoutMs)]);
    if (this.#options.clock() >= after(known.lookedUpAtMs, addressAgeMaxMs)) {
      this.#wrong.delete(pod);
      void this.#refresh(pod, known);
    }
    return known.address;
  }

  /**
   * Looks the address up again, beside questions: nobody has answered there yet, or another one has the
   * name by now. Resolves with whether the pod has been found elsewhere.
   */
  async doubt(pod: string): Promise<boolean> {
    const known = this.#known.get(pod);
    if (known === undefined) return false;
    this.#wrong.add(pod);
    await this.#refresh(pod, known);
    return this.isElsewhere(pod, known.address);
  }

  /** Whether the pod is known to be at another address. */
  isElsewhere(pod: string, address: string | null): boolean {
    const known = this.#known.get(pod);
    return known !== undefined && known.address !== address;
  }

  /** When the API server was last asked for the address that is known; `longAgo`: it was not. */
  foundAtMs(pod: string): MonotonicMs {
    return this.#known.get(pod)?.foundAtMs ?? longAgo;
  }

  /**
   * Looks the address up again at the next `find`: nobody of that name answered at `address`; `null`:
   * none was found. One that has been found since stays.
   */
  forget(pod: string, address: string | null): void {
    if (this.isElsewhere(pod, address)) return;
    this.#known.delete(pod);
    this.#wrong.add(pod);
  }

  /** Nobody waits for it, and what is known stays when nothing is found. */
  async #refresh(pod: string, known: Known): Promise<void> {
    this.#known.set(pod, { ...known, lookedUpAtMs: this.#options.clock() });
    await this.#lookUp(pod);
  }

  /** One lookup at a time for a pod, also when it takes longer than anybody waits. */
  #lookUp(pod: string): Promise<string | null> {
    const pending = this.#pending.get(pod);
    if (pending !== undefined) return pending;
    const looking = this.#ask(pod).finally(() => this.#pending.delete(pod));
    this.#pending.set(pod, looking);
    return looking;
  }

  async #ask(pod: string): Promise<string | null> {
    const { byName, byObject, clock } = this.#options;
    for (const find of this.#wrong.has(pod) ? [byObject, byName] : [byName, byObject]) {
      const askedAtMs = clock();
      const address = await find(pod).catch(() => null);
      if (address === null) continue;
      const foundAtMs = find === byObject ? askedAtMs : longAgo;
      this.#known.set(pod, { address, lookedUpAtMs: clock(), foundAtMs });
      return address;
    }
    return null;
  }
}
