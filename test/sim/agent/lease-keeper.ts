import { isHeldBy, type LeaseRecord } from '../../../agent/core/lease.ts';
import type { Confirmation, LeaseSight } from '../../../agent/core/observation.ts';
import type { Contender } from '../../../agent/core/units.ts';
import type { StoredLease } from '../api-server.ts';
import type { Agent } from './agent.ts';

interface Pending {
  readonly stamp: number;
  readonly term: number;
  readonly sentAtMs: Confirmation['sentAtMs'];
}

/** The Lease as one agent knows it: does what agent/run/lease-keeper.ts does, in virtual time. */
export class LeaseKeeper {
  readonly #agent: Agent;
  #revision = 0;
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

  /** Takes in what a read, the watch or a peer brought. */
  see(lease: StoredLease | null): void {
    if (lease === null) this.#seeAbsence();
    else if (lease.revision > this.#revision) this.#accept(lease);
  }

  #seeAbsence(): void {
    this.#revision = 0;
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
    const agent = this.#agent;
    const { world } = agent;
    const stamp = world.nextNumber();
    this.busy = true;
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
    api.request(
      agent.place,
      agent.requestTimeoutMs,
      () => api.read(),
      (result) => {
        agent.meanwhile(() => {
          done();
          if (result.kind === 'answered') this.see(result.value);
          else this.failedAtMs = agent.clock();
          agent.look();
        });
      },
    );
  }
}
