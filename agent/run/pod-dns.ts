import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { FindAddress } from './address-book.ts';

/** A DNS server of the cluster answers within milliseconds; one that is silent is asked twice, a second each. */
const patience = { timeout: 1000, tries: 2 };

/** Where pods have their names. */
export interface PodDnsOptions {
  /** The domain of the pods' names, that of the headless Service. */
  readonly domain: string;
  /** The address of this pod: the others are asked for in its family. */
  readonly ownAddress: string;
  /** Servers to ask, as `address:port`; those of the pod when not given. */
  readonly servers?: readonly string[];
}

/**
 * Finds pods by their stable names; rejects where the DNS knows none. Not by `getaddrinfo`: it keeps one
 * of the process' four threads, on which files are read and written too, while a server is silent: with
 * the search list of a pod for most of a minute, and once for each pod.
 */
export function podDns({ domain, ownAddress, servers }: PodDnsOptions): FindAddress {
  const resolver = new Resolver(patience);
  if (servers !== undefined) resolver.setServers(servers);
  return async (pod) => {
    const name = `${pod}.${domain}`;
    const found = await (isIPv6(ownAddress) ? resolver.resolve6(name) : resolver.resolve4(name));
    return found[0] ?? null;
  };
}
