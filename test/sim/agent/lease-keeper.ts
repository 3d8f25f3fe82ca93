import { isHeldBy, type LeaseRecord } from '../../../agent/core/lease.ts';
import type { Confirmation, LeaseSight } from '../../../agent/core/observation.ts';
import type { Contender } from '../../../agent/core/units.ts';
import type { StoredLease, Version } from '../api-server.ts';
import type { Agent } from './agent.ts';

interface Pending {
  readonly stamp: number;
  readonly term: number;
  readonly sentAtMs: Confirmation['sentAtMs'];
}

/** The Lease as one agent knows it: does what agent/run/lease-keeper.ts does, in virtual time. */
export class LeaseKeeper {
  readonly #agent: Agent;
  /** The newest version that anything was heard of. It outlives the Lease. */
  #revision = -1;
  #pending: Pending | null = null;
  sight: LeaseSight = { kind: 'unread' };
  /** The version behind `sight`, to show it to others. */
  stored: StoredLease | null = null;
  confirmed: Confirmation | null = null;
  failedAtMs: Confirmation['sentAtMs'] | null = null;
  busy = false;
  /** When the last own write that was confirmed left: for the checker, whatever `confirmed` says. */
  sentAtMs: Confirmation['sentAtMs'] | null = null;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Takes in what a read or a peer brought. */
  see(lease: StoredLease): void {
    if (lease.revision > this.#revision) this.#accept(lease);
  }

  /** Takes in what the watch brought, of the Lease or of its absence. */
  seeVersion({ lease, revision }: Version): void {
    if (lease !== null) this.see(lease);
    else if (revision > this.#revision) this.#acceptAbsence(revision);
  }

  #acceptAbsence(revision: number): void {
    this.#revision = revision;
    this.stored = null;
    if (this.sight.kind === 'absent') return;
    this.sight = { kind: 'absent', seenAtMs: this.#agent.clock() };
    this.#agent.look();
  }

  #accept(stored: StoredLease): void {
    const { revision, record, stamp } = stored;
    this.stored = stored;
    this.#revision = revision;
    const { variant, timing } = this.#agent;
    const nowMs = this.#agent.clock();
    const isFirst = this.sight.kind === 'unread';
    const seenAtMs = isFirst ? variant.firstSeenAt(nowMs, timing) : nowMs;
    this.sight = { kind: 'read', record, seenAtMs };
    const pending = this.#pending;
    if (pending !== null && pending.stamp === stamp && pending.term === record.term) {
      this.failedAtMs = null;
      if (isHeldBy(record, this.#agent.self)) {
        this.sentAtMs = pending.sentAtMs;
        this.confirmed = this.#agent.variant.confirmation(pending, this.#agent.clock());
      }
    }
    this.#agent.look();
  }

  /** Writes the record if the Lease is still the version that it was made from. */
  write(record: LeaseRecord, tell: Contender | null): void {
    this.busy = true;
    const { self } = this.#agent;
    const term = this.sight.kind === 'read' ? this.sight.record.term : 0;
    if (!isHeldBy(record, self) || record.term <= term) this.#swap(record, tell);
    else {
      this.#unlessReplaced(() => {
        this.#swap(record, tell);
      });
    }
  }

  /** Whoever begins a term asks first whether another pod has its name by now. */
  #unlessReplaced(begin: () => void): void {
    const agent = this.#agent;
    const { world, self, variant } = agent;
    const read = (): string => world.places[self.ordinal]!.uid;
    world.api.request(agent.place, agent.requestTimeoutMs, read, (result) => {
      agent.meanwhile(() => {
        const isKnown = result.kind === 'answered';
        if (isKnown && !variant.isReplaced(self.uid, result.value)) {
          begin();
          return;
        }
        this.busy = false;
        this.failedAtMs = agent.clock();
        if (isKnown) agent.request({ stop: 'pod' });
        agent.look();
      });
    });
  }

  #swap(record: LeaseRecord, tell: Contender | null): void {
    const agent = this.#agent;
    const { world } = agent;
    const stamp = world.nextNumber();
    this.#pending = { stamp, term: record.term, sentAtMs: agent.clock() };
    const update = (): ReturnType<typeof world.api.update> =>
      world.api.update(record, stamp, agent.self.uid);
    world.api.request(agent.place, agent.requestTimeoutMs, update, (result) => {
      agent.meanwhile(() => {
        if (result.kind === 'answered' && result.value.kind === 'ok') {
          this.busy = false;
          this.see(result.value.lease);
          if (tell !== null) agent.tell(tell, result.value.lease);
          agent.look();
          return;
        }
        if (result.kind === 'failed') {
          this.busy = false;
          this.failedAtMs = agent.clock();
          agent.look();
          return;
        }
        this.read(() => {
          this.busy = false;
        });
      });
    });
  }

  /** Reads the Lease now. */
  read(done: () => void = () => undefined): void {
    const agent = this.#agent;
    const { api } = agent.world;
    const before = this.#revision;
    api.request(
      agent.place,
      agent.requestTimeoutMs,
      () => api.read(),
      (result) => {
        agent.meanwhile(() => {
          done();
          if (result.kind === 'failed') this.failedAtMs = agent.clock();
          else if (result.value !== null) this.see(result.value);
          else if (this.#revision === before) this.#acceptAbsence(before);
          agent.look();
        });
      },
    );
  }
}
