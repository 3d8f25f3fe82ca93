import { isHeldBy, recordedHead } from '../../agent/core/lease.ts';
import type { Agent } from './agent/agent.ts';
import type { Checker } from './checker.ts';
import type { WriteOutcome } from './clients.ts';
import type { Redis } from './redis.ts';
import type { World } from './world.ts';

/** Slack for the time that a decision and a command on the loopback take. */
const slackMs = 20;
/** How long after it was shut a Redis may still have clients that believe in it (I11). */
const clientsMaxMs = 1000;
/** For how long after that clients come which are led by rules of the network from before. */
const lateMs = 2000;

/**
 * The rules about what clients see while something is away: I11, I16, I17, I20, and the second half of
 * I2, for which no agent is needed.
 */
export class OutageRules {
  readonly #world: World;
  readonly #checker: Checker;
  /** A write through the Service was accepted. */
  #hasServed = false;
  /** Since when an agent knows that the Lease is another's. */
  readonly #deposedAtMs = new WeakMap<Agent, number>();
  /** When the agent beside a Redis was last seen to hand over. */
  readonly #handedOverAtMs = new WeakMap<Redis, number>();

  constructor(world: World, checker: Checker) {
    this.#world = world;
    this.#checker = checker;
  }

  /** A Redis has acknowledged a write: by itself, without its agent. */
  accepted(redis: Redis): void {
    this.#assertSilence(redis);
    if (redis.minReplicas < 1) return;
    const { network, options, nowMs } = this.#world;
    const cutSinceMs = network.unheardSinceMs(redis.place);
    const limitMs =
      (options.timing.replicaLagSeconds + 1) * 1000 + 2 * options.network.delayMaxMs + slackMs;
    if (nowMs - cutSinceMs <= limitMs) return;
    this.#checker.fail('I17', `${redis.address} takes writes although no copy can be acknowledged`);
  }

  /** I20: whoever reads where another led before does not miss what the present leader has taken. */
  #assertSilence(leading: Redis): void {
    const { everybody, nowMs } = this.#world;
    for (const { redis, agent } of everybody) {
      if (redis === null || redis === leading || redis.role !== 'primary' || redis.loading)
        continue;
      if (agent === null || this.#checker.wasTampered) continue;
      const sinceMs = this.#deposedAtMs.get(agent) ?? Infinity;
      if (nowMs - sinceMs <= slackMs || this.#checker.isImpaired(agent, redis)) continue;
      this.#checker.fail('I20', `${agent.self.pod} answers reads as if it led`);
    }
  }

  /** A Redis has acknowledged a write, and its agent could have prevented it. */
  acceptedByRight(agent: Agent, redis: Redis): void {
    const { network, nowMs } = this.#world;
    const { fenceDeadlineMs, fenceTimeoutMs, promiseMs } = agent.timing;
    const rightMs = Math.max(fenceDeadlineMs, 0.98 * promiseMs - fenceTimeoutMs);
    const limitMs = 1.01 * (rightMs + fenceTimeoutMs) + slackMs;
    if (agent.self.members === 1 || nowMs - network.unheardSinceMs(redis.place) <= limitMs) return;
    this.#checker.fail('I17', `${agent.self.pod} leads on although it hears nobody`);
  }

  /** What an agent knows, and is about to do. */
  sees(agent: Agent): void {
    this.#seesHolder(agent);
    this.#seesPlan(agent);
  }

  #seesHolder(agent: Agent): void {
    const { record, self } = agent;
    const isDeposed = record !== null && record.holder !== null && !isHeldBy(record, self);
    if (!isDeposed) this.#deposedAtMs.delete(agent);
    else if (!this.#deposedAtMs.has(agent)) this.#deposedAtMs.set(agent, this.#world.nowMs);
  }

  /** Clients whose writes are held back for a successor, or for this one to open, stay that long. */
  #seesPlan(agent: Agent): void {
    const { connected } = agent.redis;
    if (connected !== null && (agent.isHandingOver || !isShutForGood(agent))) {
      this.#handedOverAtMs.set(connected, this.#world.nowMs);
    }
  }

  /** A client that writes through the Service got its answer (I16). */
  served(redis: Redis, outcome: WriteOutcome): void {
    if (outcome === 'accepted') this.#hasServed = true;
    if (!this.#world.options.isApiOnly || !this.#hasServed || outcome === 'accepted') return;
    this.#checker.fail('I16', `${redis.address} does not take a write: ${outcome}`);
  }

  /** A write was refused: a client that looks for the leader should not be here any more (I11). */
  refused(redis: Redis): void {
    if (redis.clientsSinceMs === null || (redis.role === 'primary' && !redis.fenced)) return;
    const agent = this.#world.agentAt(redis.place);
    if (agent === null || this.#checker.wasTampered) return;
    // A person has shut it, not the agent: who follows another leader next cuts them.
    if (redis.touchedAtMs > redis.ruledAtMs) return;
    this.sees(agent);
    const sinceMs = Math.max(
      ...[redis.thawedAtMs, redis.loadedAtMs, agent.resumedAtMs, agent.startedAtMs],
      ...[this.#strayedSinceMs(redis), this.#handedOverAtMs.get(redis) ?? 0],
    );
    if (this.#world.nowMs - sinceMs <= clientsMaxMs + slackMs) return;
    if (this.#checker.isImpaired(agent, redis)) return;
    this.#checker.fail('I11', `${agent.self.pod} keeps clients that look for the leader`);
  }

  /** Since when the agent has had to cut the eldest client; `Infinity`: that one may stay. */
  #strayedSinceMs({ clientsSinceMs, shutSinceMs, demotedAtMs, role }: Redis): number {
    const cameAtMs = clientsSinceMs ?? Infinity;
    if (cameAtMs < shutSinceMs) return shutSinceMs;
    // Led here by rules of the network from before.
    return role === 'replica' && cameAtMs < demotedAtMs + lateMs ? cameAtMs : Infinity;
  }
}

/** Whether the agent knows that nobody is to write to its Redis. */
function isShutForGood({ record, self, lease }: Agent): boolean {
  if (record === null || !isHeldBy(record, self)) return record !== null;
  // Clients of one that is about to lead, or to find out that it still does, wait for it to open.
  return recordedHead(record) !== null && lease.confirmed?.term === record.term;
}
