import type { LeaseRecord } from '../../agent/core/lease.ts';
import type { Requests } from '../../agent/core/observation.ts';
import type { Agent } from './agent/agent.ts';
import type { FaultKind } from './faults.ts';
import type { Pod } from './pod.ts';
import type { World } from './world.ts';

/** What some kinds of faults do to the pod that they strike. */
export type FaultTable = Partial<Record<FaultKind, (pod: Pod) => void>>;

/** What faults are made of. Each ends by itself, at the latest when the world becomes calm. */
export class FaultTools {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  leader(): Pod {
    const holder = this.world.api.lease?.record.holder?.pod;
    return this.world.pods.find((pod) => pod.name === holder) ?? this.world.pods[0]!;
  }

  /** Again and again: who remembers a deleted Lease writes it as it was. */
  unpause(): void {
    const { api } = this.world;
    if (api.lease?.record.paused === true) this.edit({ paused: false });
    this.world.after(3000, () => {
      this.unpause();
    });
  }

  edit(change: Partial<LeaseRecord>): void {
    const { api } = this.world;
    if (api.lease !== null) api.put({ ...api.lease.record, ...change }, this.world.nextNumber());
  }

  /** Somebody asks an agent for something, and gives it up after a while. */
  ask(agent: Agent, asked: Partial<Requests>, over: Partial<Requests>): void {
    agent.meanwhile(() => {
      agent.request(asked);
    });
    this.world.after(10_000, () => {
      agent.meanwhile(() => {
        agent.request(over);
      });
    });
  }

  /** The agent is let in again. */
  obey({ redis, agent }: Pod): void {
    if (redis?.refusesAgent !== true) return;
    redis.refusesAgent = false;
    redis.touchedAtMs = this.world.nowMs;
    agent?.look();
  }

  /** Kubelet finds that the pod is none any more, and ends it. */
  forget(pod: Pod): void {
    pod.remove();
    this.world.forgotten(pod);
  }

  freeze(pod: Pod, forMs: number): void {
    const { redis } = pod;
    if (redis?.answers !== true) return;
    this.world.disturb([pod.place], () => {
      redis.freeze();
    });
    pod.agent?.meanwhile(() => pod.agent?.redis.awaitAnswer(redis));
    this.world.after(forMs, () => {
      this.thaw(pod);
    });
  }

  thaw(pod: Pod): void {
    const { redis } = pod;
    if (redis?.running !== true || !redis.frozen) return;
    this.world.disturb([pod.place], () => {
      redis.thaw();
    });
    pod.agent?.meanwhile(() => {
      pod.agent?.redis.answered();
      pod.agent?.look();
    });
  }

  stall(pod: Pod, forMs: number): void {
    const { agent } = pod;
    if (agent === null || agent.stalled) return;
    agent.stall();
    pod.disturbed();
    this.world.after(forMs, () => {
      agent.resume();
    });
  }

  cutBoth(
    left: readonly number[],
    right: readonly number[],
    forMs = this.world.prng.magnitude(200, 20_000),
  ): void {
    const pairs = left.flatMap((a) => right.map((b) => [a, b] as const));
    this.cut([...pairs, ...pairs.map(([a, b]) => [b, a] as const)], forMs);
  }

  cut(
    ways: readonly (readonly [number, number])[],
    forMs = this.world.prng.magnitude(200, 20_000),
  ): void {
    const { network } = this.world;
    const places = ways.flat();
    this.world.disturb(places, () => {
      for (const [from, to] of ways) network.cut(from, to);
    });
    this.later(forMs, () => {
      this.world.disturb(places, () => {
        for (const [from, to] of ways) network.mend(from, to);
      });
      this.world.mended();
    });
  }

  /** Ends something, unless the calm has ended it. */
  later(forMs: number, end: () => void): void {
    this.world.after(forMs, () => {
      if (!this.world.isCalm) end();
    });
  }
}
