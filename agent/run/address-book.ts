import { lookup } from 'node:dns/promises';

/** What an address book needs. */
export interface AddressBookOptions {
  /** The stable DNS name of a pod of the set. */
  readonly hostOf: (pod: string) => string;
  /** For tests: how a name becomes an IP address. */
  readonly resolve?: (host: string) => Promise<string>;
}

/**
 * Pods' addresses by name. A name is looked up in the DNS once and kept until it fails: cluster DNS
 * answers late and with old answers, and a lookup on the way to a failover would cost more than the
 * failover. Redis itself never gets a name: it resolves while everything else waits.
 */
export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #known = new Map<string, string>();
  readonly #pending = new Map<string, Promise<string | null>>();

  constructor(options: AddressBookOptions) {
    this.#options = options;
  }

  /** The address of a pod; `null` when the DNS names none within `timeoutMs`. */
  async find(pod: string, timeoutMs: number): Promise<string | null> {
    const known = this.#known.get(pod);
    if (known !== undefined) return known;
    return Promise.race([this.#lookUp(pod), nothingAfter(timeoutMs)]);
  }

  /** Notes an address that another source gave. */
  learn(pod: string, address: string): void {
    this.#known.set(pod, address);
  }

  /** Looks the name up again at the next `find`. */
  forget(pod: string): void {
    this.#known.delete(pod);
  }

  /** One lookup at a time for a name, also when the resolver takes longer than anybody waits. */
  #lookUp(pod: string): Promise<string | null> {
    const pending = this.#pending.get(pod);
    if (pending !== undefined) return pending;
    const resolve = this.#options.resolve ?? systemResolve;
    const looking = resolve(this.#options.hostOf(pod))
      .then((address) => {
        this.learn(pod, address);
        return address;
      })
      .catch(() => null)
      .finally(() => this.#pending.delete(pod));
    this.#pending.set(pod, looking);
    return looking;
  }
}

async function systemResolve(host: string): Promise<string> {
  const { address } = await lookup(host);
  return address;
}

function nothingAfter(timeoutMs: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(null);
    }, timeoutMs).unref();
  });
}
