import type { Action } from '../../agent/core/decision.ts';
import type { LeaseRecord } from '../../agent/core/lease.ts';
import type { RedisSight, Self } from '../../agent/core/observation.ts';
import type { GivenPromise } from '../../agent/core/promise.ts';
import type { Member } from '../../agent/core/units.ts';
import type { Agent } from './agent/agent.ts';
import type { World } from './world.ts';

/** What two clocks differ by when an instant is carried from one to the other. */
const roundingMs = 0.01;

/** Whoever was promised something hears by then that it is over, and shuts its Redis. */
const hearsayMs = 100;

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
  /** The last term that each leader itself has ended, by the UID of its pod. */
  readonly #givenUp = new Map<string, number>();
  /** Pods that were deleted by force and ran on, by UID. */
  readonly #leftBehind = new Set<string>();
  /** By the UID of the pod that gave them. */
  readonly #entries = new Map<string, Entry[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A member has given a promise. */
  note(agent: Agent, { leader, term, untilMs }: GivenPromise): void {
    const { uid } = agent.self;
    const { nowMs } = this.#world;
    // Who promises to the leader of a later term knows that the one before is over.
    const valid = (this.#entries.get(uid) ?? [])
      .map((entry) =>
        entry.term >= term ? entry : { ...entry, untilMs: Math.min(entry.untilMs, nowMs) },
      )
      .filter((entry) => entry.untilMs > nowMs - hearsayMs);
    const entry = { by: agent, leaderUid: leader.uid, term, untilMs: agent.inWorld(untilMs) };
    this.#entries.set(uid, [...valid, entry]);
  }

  /** A pod was deleted by force, and runs on where nobody can end it. */
  leftBehind(uid: string): void {
    this.#leftBehind.add(uid);
  }

  /** The holder itself has ended a term: nobody is bound any more to that, or to one that it led before. */
  giveUp({ uid }: Member, term: number): void {
    this.#givenUp.set(uid, Math.max(term, this.#givenUp.get(uid) ?? 0));
  }

  /** A process ends that may know of a later term: it leads by none of the promises it was given before. */
  forgets({ self, record }: Agent): void {
    this.giveUp(self, (record?.term ?? 0) - 1);
  }

  /** I14: who has promised does not take the Lease, promote, or leave the leader. */
  assertKept(agent: Agent, action: Action, redis: RedisSight): void {
    const entry = this.#boundTo(agent);
    if (entry === null || !this.#breaks(entry, agent, action, redis)) return;
    if (this.#isOver(entry)) return;
    const { pod } = agent.self;
    this.#world.checker.fail('I14', `${pod} does ${action.kind}, bound to term ${entry.term}`);
  }

  /**
   * The leader is gone, or knows of a later term itself, or others have named it again and it leads on. Or
   * a later term was led: by then its right had ended (I2).
   */
  #isOver({ leaderUid, term }: Entry): boolean {
    const record = this.#world.api.lease?.record ?? null;
    if (record !== null && hasGoneOn(record, leaderUid, term)) return true;
    const leader = this.#world.everybody.find(({ uid }) => uid === leaderUid);
    // Nobody is left to whom it was given.
    if (leader === undefined) return true;
    return (leader.agent?.record?.term ?? 0) > term;
  }

  #boundTo({ self }: Agent): Entry | null {
    const entries = this.#entries.get(self.uid) ?? [];
    const { nowMs } = this.#world;
    const bound = entries.find(
      ({ untilMs, leaderUid, term }) =>
        untilMs > nowMs + roundingMs && term > (this.#givenUp.get(leaderUid) ?? 0),
    );
    return bound ?? null;
  }

  /** And no person has named a leader, whatever was promised. */
  get #isStrict(): boolean {
    const { checker, options } = this.#world;
    return options.durability.strictQuorum && !checker.wasOverridden;
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
        // Who is named has been chosen by one that was free: the leader had not the promises of all.
        // W are enough for that of a strict set, and nobody may be named there who may be bound.
        return by === agent || (agent.record?.handover ?? null) === null || this.#isStrict;
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
    return this.#bound(self, term, slackMs).length >= this.#needed(self);
  }

  /** Whether its pod was deleted by force and runs on. */
  isLeftBehind({ uid }: Self): boolean {
    return this.#leftBehind.has(uid);
  }

  /**
   * Whether it leads by the promise of a pod that was deleted by force. Who has the name now cannot know
   * what that one promises, nor can whoever asks it: the person who deleted it has said that it is gone.
   */
  dependOnLeftBehind(self: Self, term: number, slackMs: number): boolean {
    const bound = this.#bound(self, term, slackMs);
    const present = bound.filter((uid) => !this.#leftBehind.has(uid));
    const needed = this.#needed(self);
    return bound.length >= needed && present.length < needed;
  }

  /** UIDs of those who are bound to `self`. */
  #bound(self: Self, term: number, slackMs: number): readonly string[] {
    const isBound = (entry: Entry): boolean =>
      entry.leaderUid === self.uid &&
      entry.term === term &&
      entry.untilMs > this.#world.nowMs - slackMs;
    return [...this.#entries].flatMap(([uid, entries]) => (entries.some(isBound) ? [uid] : []));
  }

  #needed({ durability, members }: Self): number {
    // As the Lease has it, whatever size the leader knows of.
    const counted = this.#world.api.members;
    const others = (counted === 0 ? members : counted) - 1;
    // Nobody but those whom the Lease counts may lead beside it, and it may have asked for more of them.
    return Math.max(1, durability.strictQuorum ? durability.requiredReplicas : others);
  }
}

/** Whether the holder of a term has been named again since, or somebody has led a later one. */
function hasGoneOn({ holder, term, lineage }: LeaseRecord, uid: string, held: number): boolean {
  return (holder?.uid === uid && term > held) || lineage.some((ancestor) => ancestor.term > held);
}

/** Whether `record` makes the agent the holder of a term that nobody has held. */
function isClaim(agent: Agent, { holder, term }: LeaseRecord): boolean {
  return holder?.uid === agent.self.uid && term > (agent.record?.term ?? 0);
}
