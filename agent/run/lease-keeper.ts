import type { V1Lease } from '@kubernetes/client-node';
import { isHeldBy, type LeaseRecord } from '../core/lease.ts';
import type { Confirmation, LeaseSight } from '../core/observation.ts';
import type { Member, MonotonicMs } from '../core/units.ts';
import type { CallFailure } from '../kube/client.ts';
import { leaseOf, recordOf, type LeaseFrame } from '../kube/lease-record.ts';
import type { LeaseResult, LeaseStore } from '../kube/lease-store.ts';
import type { Clock } from './clock.ts';
import { LastFault } from './last-fault.ts';

/** What a keeper needs. */
export interface LeaseKeeperOptions {
  readonly store: Pick<LeaseStore, 'get' | 'create' | 'update'>;
  readonly self: Member;
  readonly leaseDurationSeconds: number;
  /** `metadata` of a Lease that this agent creates. */
  readonly newMetadata: LeaseFrame['metadata'];
  readonly clock: Clock;
  /** Asks the API server whether the own pod was deleted; `null` while nobody knows. */
  readonly isReplaced: () => Promise<boolean | null>;
  /** Told that it was. */
  readonly onReplaced: () => void;
  /** Called whenever the core should look again. */
  readonly onChange: () => void;
  /** Told of each write, and how long it took. */
  readonly onWritten: (result: LeaseResult['kind'], durationMs: number) => void;
  /** Told of a request that brought nothing; once for the same failure over and over. */
  readonly onFailure: (request: 'read' | 'write', failure: CallFailure) => void;
}

/** A write that left and whose outcome is not known yet. */
interface Pending {
  readonly renewTime: number;
  readonly term: number;
  readonly sentAtMs: MonotonicMs;
}

/**
 * The Lease as this process knows it: the newest of what the watch, the reads and the own writes
 * brought, when it was first seen, and which own write was confirmed last.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #lease: V1Lease | null = null;
  /** The newest version that anything was heard of. It outlives the Lease. */
  #version = -1;
  #pending: Pending | null = null;
  #renewTime = 0;
  readonly #lastFault = new LastFault();
  sight: LeaseSight = { kind: 'unread' };
  confirmed: Confirmation | null = null;
  failedAtMs: MonotonicMs | null = null;
  busy = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** The object as last seen, to be shown to others; `null` when there is none. */
  get lease(): V1Lease | null {
    return this.#lease;
  }

  /** Takes in what a read, the watch or a peer brought. */
  see(lease: V1Lease): void {
    if (this.#isNews(lease.metadata?.resourceVersion)) this.#accept(lease);
  }

  /**
   * There was no Lease in that version of the server's history. A list that was made before a Lease was
   * may arrive after it; to believe it would also let older Leases pass for new ones (I1).
   */
  seeAbsence(version: string): void {
    if (this.#isNews(version)) this.#acceptAbsence();
  }

  /**
   * Whether it is later than all that is known: the watch runs behind our own writes. Kubernetes 1.35
   * says that versions of one resource may be compared as numbers; where they cannot, what comes is
   * taken, and the compare-and-swap finds out.
   */
  #isNews(version = '0'): boolean {
    const theirs = Number(version);
    const isNews = Number.isNaN(this.#version) || Number.isNaN(theirs) || theirs > this.#version;
    if (isNews) this.#version = theirs;
    return isNews;
  }

  #acceptAbsence(): void {
    this.#lease = null;
    if (this.sight.kind === 'absent') return;
    this.sight = { kind: 'absent', seenAtMs: this.#options.clock() };
    this.#options.onChange();
  }

  #accept(lease: V1Lease): void {
    const atMs = this.#options.clock();
    this.#lease = lease;
    const record = recordOf(lease);
    this.sight = { kind: 'read', record, seenAtMs: atMs };
    const pending = this.#pending;
    const isOurs = pending !== null && lease.spec?.renewTime?.getTime() === pending.renewTime;
    if (isOurs && record.term === pending.term) this.#confirm(record, pending);
    this.#options.onChange();
  }

  #confirm(record: LeaseRecord, { term, sentAtMs }: Pending): void {
    this.failedAtMs = null;
    if (isHeldBy(record, this.#options.self)) this.confirmed = { term, sentAtMs };
  }

  /**
   * Writes the record if the Lease is still the version that it was made from.
   *
   * @returns the Lease as written, `null` when it was not, or when nobody knows.
   */
  async write(record: LeaseRecord): Promise<V1Lease | null> {
    this.busy = true;
    try {
      return (await this.#mayWrite(record)) ? await this.#swap(record) : null;
    } finally {
      this.busy = false;
      this.#options.onChange();
    }
  }

  /**
   * A pod whose machine was cut off, and that was deleted by force meanwhile, comes back with old data,
   * and knows nothing of the one that has its name by now. So whoever begins a term asks first who it
   * is: who is named by another has been found by that one.
   */
  async #mayWrite(record: LeaseRecord): Promise<boolean> {
    const { self, isReplaced, onReplaced, clock } = this.#options;
    const term = this.sight.kind === 'read' ? this.sight.record.term : 0;
    if (!isHeldBy(record, self) || record.term <= term) return true;
    const answer = await isReplaced();
    if (answer === false) return true;
    this.failedAtMs = clock();
    if (answer === true) onReplaced();
    return false;
  }

  async #swap(record: LeaseRecord): Promise<V1Lease | null> {
    const { store, clock, leaseDurationSeconds, newMetadata } = this.#options;
    const renewTime = this.#nextRenewTime();
    const metadata = this.#lease?.metadata ?? newMetadata;
    const lease = leaseOf(record, { metadata, leaseDurationSeconds, renewTime });
    // The send counts, not the answer: rivals may see the write before we hear of it.
    this.#pending = { renewTime: renewTime.getTime(), term: record.term, sentAtMs: clock() };
    const result = await (record.revision === null ? store.create(lease) : store.update(lease));
    this.#options.onWritten(result.kind, clock() - this.#pending.sentAtMs);
    if (result.kind === 'ok') {
      this.#lastFault.clear();
      this.see(result.lease);
      return result.lease;
    }
    this.#tellFailure('write', result);
    if (result.kind === 'conflict' || result.kind === 'absent') {
      // Somebody else wrote, or an earlier request of ours whose answer was lost.
      await this.read();
    } else {
      // Not read: that could take as long again, and the right to lead has time for two tries (C1).
      // If this one was carried out all the same, the next finds a conflict, and reads.
      this.failedAtMs = clock();
    }
    return null;
  }

  /** Reads the Lease now. */
  async read(): Promise<void> {
    const before = this.#version;
    const result = await this.#options.store.get();
    if (result.kind === 'ok') this.see(result.lease);
    else if (result.kind === 'absent') {
      // It says of no version that there was none: what came meanwhile may be newer.
      if (Object.is(this.#version, before)) this.#acceptAbsence();
    } else {
      this.#tellFailure('read', result);
      this.failedAtMs = this.#options.clock();
    }
  }

  #tellFailure(request: 'read' | 'write', failure: CallFailure): void {
    if (this.#lastFault.isNew(failure)) this.#options.onFailure(request, failure);
  }

  /** Unlike any that this process wrote before, so that an own write is known again when it is read. */
  #nextRenewTime(): Date {
    this.#renewTime = Math.max(Date.now(), this.#renewTime + 1);
    return new Date(this.#renewTime);
  }
}
