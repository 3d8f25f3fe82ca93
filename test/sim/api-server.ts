import type { LeaseRecord } from '../../agent/core/lease.ts';
import type { World } from './world.ts';

/** One version of the Lease. */
export interface StoredLease {
  readonly revision: number;
  readonly record: LeaseRecord;
  /** Names the write that made it, as renewTime does. */
  readonly stamp: number;
}

/** One version of the EndpointSlice. */
export interface StoredSlice {
  readonly term: number;
  readonly address: string;
}

/** How well the API server does. */
export interface ApiOptions {
  /** Milliseconds that a request or an answer is on its way. */
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Share of requests that get lost, and of answers to requests that were carried out. */
  readonly lossShare: number;
  /** Milliseconds that a watch is behind. */
  readonly watchDelayMaxMs: number;
  /** Share of reads that are answered from an old cache. */
  readonly staleShare: number;
}

/** What a request comes to, as its sender sees it. */
export type ApiResult<T> =
  { readonly kind: 'answered'; readonly value: T } | { readonly kind: 'failed' };

/** What an update comes to. */
export type Update =
  { readonly kind: 'ok'; readonly lease: StoredLease } | { readonly kind: 'conflict' };

/** What there was in one version of the server's history. */
export interface Version {
  readonly lease: StoredLease | null;
  readonly revision: number;
}

interface Watcher {
  readonly place: number;
  readonly see: (version: Version) => void;
  /** Events do not overtake each other. */
  lastAtMs: number;
  /** It has missed something, and lists anew when it can. */
  broken: boolean;
  stalledUntilMs: number;
}

/** How long a client needs to see that its watch is dead, and to list again. */
const relistMaxMs = 2000;

/**
 * The Lease and the EndpointSlice with compare-and-swap, and all that can happen on the way to
 * them: requests lost, slow, carried out after their sender has given up, answers lost, reads from
 * an old cache, watches that stall.
 */
export class ApiServer {
  readonly #world: World;
  #options: ApiOptions;
  readonly #watchers = new Set<Watcher>();
  #revision = 0;
  #older: StoredLease | null = null;
  lease: StoredLease | null = null;
  /**
   * Pods that the Lease counts, or counted before somebody deleted it; 0 when there was none. Who writes it
   * anew and knows of no leader has not led yet: a leader that does not know of it goes on in the former set.
   */
  members = 0;
  slice: StoredSlice | null = null;
  down = false;
  /** All requests take this much longer. */
  slowMs = 0;

  constructor(world: World, options: ApiOptions) {
    this.#world = world;
    this.#options = options;
  }

  /**
   * Sends a request from a pod's place. `done` is called exactly once, no later than `timeoutMs`;
   * what the server does may come after that.
   */
  request<T>(
    from: number,
    timeoutMs: number,
    carryOut: () => T,
    done: (result: ApiResult<T>) => void,
  ): void {
    const world = this.#world;
    const { network, prng } = world;
    let isOver = false;
    const finish = (result: ApiResult<T>): void => {
      if (isOver) return;
      isOver = true;
      done(result);
    };
    const place = network.api;
    const lost = !network.isOpen(from, place) || prng.chance(this.#options.lossShare);
    if (lost || this.down) {
      // A stopped server refuses at once; a lost packet is waited for.
      const waitMs = !lost && this.down && prng.chance(0.5) ? 1 : timeoutMs;
      world.after(waitMs, () => {
        finish({ kind: 'failed' });
      });
      return;
    }
    const onWayMs = this.#delayMs() + this.slowMs * prng.next();
    const backMs = this.#delayMs();
    world.after(onWayMs, () => {
      if (this.down) return;
      const value = carryOut();
      if (!network.isOpen(place, from) || prng.chance(this.#options.lossShare)) return;
      world.after(backMs, () => {
        finish({ kind: 'answered', value });
      });
    });
    world.after(timeoutMs, () => {
      finish({ kind: 'failed' });
    });
  }

  /** It does well from now on. */
  calmDown(): void {
    this.down = false;
    this.slowMs = 0;
    const delayMaxMs = Math.min(this.#options.delayMaxMs, 100);
    this.#options = { ...this.#options, delayMaxMs, lossShare: 0, staleShare: 0 };
  }

  #delayMs(): number {
    return this.#world.prng.magnitude(this.#options.delayMinMs, this.#options.delayMaxMs);
  }

  /** Reads the Lease; rarely from a cache that is one version behind. */
  read(): StoredLease | null {
    const stale = this.#older !== null && this.#world.prng.chance(this.#options.staleShare);
    return stale ? this.#older : this.lease;
  }

  /** Replaces the version that `record` was made from, or creates the first one. */
  update(record: LeaseRecord, stamp: number, author: string): Update {
    const expected = record.revision === null ? null : Number(record.revision);
    if ((this.lease?.revision ?? null) !== expected) return { kind: 'conflict' };
    return { kind: 'ok', lease: this.put(record, stamp, author) };
  }

  /** Writes whatever is there, as a person with kubectl does. `author` is the UID of an agent's pod. */
  put(record: LeaseRecord, stamp: number, author: string | null = null): StoredLease {
    this.#revision += 1;
    const before = this.lease;
    this.#older = before;
    if (record.lineage.length > 0 || this.members === 0) this.members = record.members;
    this.lease = {
      revision: this.#revision,
      record: { ...record, revision: String(this.#revision) },
      stamp,
    };
    this.#world.checker.leaseWritten(before?.record ?? null, this.lease.record, author);
    this.#announce();
    return this.lease;
  }

  /** kubectl delete lease. */
  remove(): void {
    this.#revision += 1;
    this.#older = null;
    this.lease = null;
    this.#announce();
  }

  /** Points the Service somewhere, unless a higher term has. */
  route(term: number, address: string): StoredSlice {
    if (this.slice === null || this.slice.term <= term) {
      this.slice = { term, address };
      this.#world.checker.routed(this.slice);
    }
    return this.slice;
  }

  /** Opens a watch; it begins with the present version. */
  watch(place: number, see: (version: Version) => void): () => void {
    const watcher: Watcher = { place, see, lastAtMs: 0, broken: true, stalledUntilMs: 0 };
    this.#watchers.add(watcher);
    this.#relist(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Watches from `place` deliver nothing for a while, and nobody is told. */
  stallWatch(place: number, forMs: number): void {
    for (const watcher of this.#watchers) {
      if (watcher.place !== place) continue;
      watcher.broken = true;
      watcher.stalledUntilMs = this.#world.nowMs + forMs;
      this.#world.after(forMs, () => {
        this.#relist(watcher);
      });
    }
  }

  /** A way was mended, or the server is back: watches that missed something list anew. */
  relistAll(): void {
    for (const watcher of this.#watchers) if (watcher.broken) this.#relist(watcher);
  }

  #announce(): void {
    for (const watcher of this.#watchers) {
      if (watcher.broken) continue;
      if (this.#isReached(watcher)) this.#deliver(watcher, this.#watchDelayMs());
      else watcher.broken = true;
    }
  }

  #relist(watcher: Watcher): void {
    this.#world.after(this.#world.prng.between(1, relistMaxMs), () => {
      const waits = this.#world.nowMs < watcher.stalledUntilMs;
      if (waits || !watcher.broken || !this.#isReached(watcher)) return;
      watcher.broken = false;
      this.#deliver(watcher, this.#delayMs());
    });
  }

  #isReached({ place }: Watcher): boolean {
    return !this.down && this.#world.network.isConnected(this.#world.network.api, place);
  }

  #watchDelayMs(): number {
    return this.#delayMs() + this.#options.watchDelayMaxMs * this.#world.prng.next();
  }

  #deliver(watcher: Watcher, delayMs: number): void {
    const version = { lease: this.lease, revision: this.#revision };
    const atMs = Math.max(this.#world.nowMs + delayMs, watcher.lastAtMs);
    watcher.lastAtMs = atMs;
    this.#world.at(atMs, () => {
      if (this.#watchers.has(watcher)) watcher.see(version);
    });
  }
}
