import type { Action } from '../../agent/core/decision.ts';
import type { LeaseRecord } from '../../agent/core/lease.ts';
import type { RedisSight, Self } from '../../agent/core/observation.ts';
import type { GivenPromise } from '../../agent/core/promise.ts';
import type { Agent } from './agent/agent.ts';
import type { World } from './world.ts';

/** What two clocks differ by when an instant is carried from one to the other. */
const roundingMs = 0.01;

/** A promise, in the time of the world. */
interface Entry {
  /** The process that gave it, and forgets it when it ends. */
  readonly by: Agent;
  readonly leaderUid: string;
  readonly term: number;
  readonly untilMs: number;
}

/** All promises that members have given, whether their agents remember them or not. */
export class PromiseBook {
  readonly #world: World;
  /** By the UID of the pod that gave it. */
  readonly #givenUp = new Set<number>();
  readonly #entries = new Map<string, Entry[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A member has given a promise. */
  note(agent: Agent, { leader, term, untilMs }: GivenPromise): void {
    const { uid } = agent.self;
    const { nowMs } = this.#world;
    const valid = (this.#entries.get(uid) ?? []).filter((entry) => entry.untilMs > nowMs);
    const entry = { by: agent, leaderUid: leader.uid, term, untilMs: agent.inWorld(untilMs) };
    this.#entries.set(uid, [...valid, entry]);
  }

  /** The holder itself has ended a term: nobody is bound to it any more. */
  giveUp(term: number): void {
    this.#givenUp.add(term);
  }

  /** I14: who has promised does not take the Lease, promote, or leave the leader. */
  assertKept(agent: Agent, action: Action, redis: RedisSight): void {
    const entry = this.#boundTo(agent);
    if (entry === null || !this.#breaks(entry, agent, action, redis)) return;
    if (this.#isOver(entry)) return;
    const { pod } = agent.self;
    this.#world.checker.fail('I14', `${pod} does ${action.kind}, bound to term ${entry.term}`);
  }

  /** The leader is gone, or knows of a later term itself, or others have named it again and it leads on. */
  #isOver({ leaderUid, term }: Entry): boolean {
    const record = this.#world.api.lease?.record ?? null;
    if (record?.holder?.uid === leaderUid && record.term > term) return true;
    const leader = this.#world.everybody.find(({ uid }) => uid === leaderUid);
    // Nobody is left to whom it was given.
    if (leader === undefined) return true;
    return (leader.agent?.record?.term ?? 0) > term;
  }

  #boundTo({ self }: Agent): Entry | null {
    const entries = this.#entries.get(self.uid) ?? [];
    const { nowMs } = this.#world;
    const bound = entries.find(
      ({ untilMs, term }) => untilMs > nowMs + roundingMs && !this.#givenUp.has(term),
    );
    return bound ?? null;
  }

  #sourceOf(redis: RedisSight): string | null {
    const address = redis.kind === 'up' ? redis.source?.address : undefined;
    return address === undefined ? null : (this.#world.podAt(address)?.uid ?? null);
  }

  #breaks(
    { by, leaderUid, term }: Entry,
    agent: Agent,
    action: Action,
    redis: RedisSight,
  ): boolean {
    switch (action.kind) {
      case 'promote':
        return true;
      case 'follow':
        return by === agent && action.leader.uid !== leaderUid;
      case 'withdraw': {
        // Who has forgotten it may leave: it waits a lease duration before it takes anything (C7).
        return by === agent && this.#sourceOf(redis) === leaderUid;
      }
      case 'write-lease':
        return isClaim(agent, action.record) && action.record.term > term;
      default:
        return false;
    }
  }

  /** Whether so many members are bound to `agent` now that nobody may lead beside it. */
  areKept(self: Self, term: number, slackMs: number): boolean {
    const { members, durability } = self;
    const needed = durability.strictQuorum ? durability.requiredReplicas : members - 1;
    let bound = 0;
    for (const entries of this.#entries.values()) {
      const isBound = entries.some(
        (entry) =>
          entry.leaderUid === self.uid &&
          entry.term === term &&
          entry.untilMs > this.#world.nowMs - slackMs,
      );
      if (isBound) bound += 1;
    }
    return needed > 0 && bound >= needed;
  }
}

/** Whether `record` makes the agent the holder of a term that nobody has held. */
function isClaim(agent: Agent, { holder, term }: LeaseRecord): boolean {
  return holder?.uid === agent.self.uid && term > (agent.record?.term ?? 0);
}
