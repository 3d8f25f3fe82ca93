/** Finds the IP address of a pod; rejects or gives `null` when it knows none. */
export type FindAddress = (pod: string) => Promise<string | null>;

/** Where addresses come from. */
export interface AddressBookOptions {
  /** By the stable DNS name of the pod. Works without the API server. */
  readonly byName: FindAddress;
  /** By the pod's object. Up to date when the DNS is not: answers and refusals are cached. */
  readonly byObject: FindAddress;
}

/**
 * Pods' addresses by name. One is looked up once and kept until nobody answers there: a lookup on
 * the way to a failover could cost more than the failover. Redis itself never gets a name: it
 * resolves while everything else waits.
 *
 * The DNS is asked first, and where it knows nothing, or an address that was wrong, the API server.
 */
export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #known = new Map<string, string>();
  readonly #wrong = new Set<string>();
  readonly #pending = new Map<string, Promise<string | null>>();

  constructor(options: AddressBookOptions) {
    this.#options = options;
  }

  /** The address of a pod; `null` when none is found within `timeoutMs`. */
  async find(pod: string, timeoutMs: number): Promise<string | null> {
    const known = this.#known.get(pod);
    if (known !== undefined) return known;
    return Promise.race([this.#lookUp(pod), nothingAfter(timeoutMs)]);
  }

  /** Looks the address up again at the next `find`: nobody of that name answered there. */
  forget(pod: string): void {
    this.#known.delete(pod);
    this.#wrong.add(pod);
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
    const { byName, byObject } = this.#options;
    for (const find of this.#wrong.has(pod) ? [byObject, byName] : [byName, byObject]) {
      const address = await find(pod).catch(() => null);
      if (address === null) continue;
      this.#known.set(pod, address);
      return address;
    }
    return null;
  }
}

function nothingAfter(timeoutMs: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(null);
    }, timeoutMs).unref();
  });
}
