import { noPromises, type GivenPromise, type Promises } from '../../../agent/core/promise.ts';
import { after, isSame, latest, longAgo, type Member } from '../../../agent/core/units.ts';
import { seekPeriodMs } from '../../../agent/run/promise-keeper.ts';
import type { StoredLease } from '../api-server.ts';
import type { Agent } from './agent.ts';

/** The promises that an agent has given and was given, as agent/run keeps them. */
export class AgentPromises {
  readonly #agent: Agent;
  asked: Promises = noPromises;
  given: GivenPromise | null = null;
  #goneUid: string | null = null;
  #soughtAtMs = longAgo;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Asks every member to keep still, and shows it the Lease that it leads by. */
  ask(durationMs: number): void {
    const agent = this.#agent;
    const { lease } = agent;
    const shown = lease.stored;
    const sentAtMs = agent.clock();
    this.asked = { ...this.asked, askedAtMs: sentAtMs };
    if (shown === null) return;
    for (const { ordinal } of agent.peers.members) {
      if (ordinal === agent.self.ordinal) continue;
      agent.peers.post(agent.peers.find(ordinal), (member, reply) => {
        const given = member.promises.give(shown, durationMs);
        if (given === null) return;
        const { pod, uid, ordinal: from } = member.self;
        const { term } = given;
        reply(() => {
          const grant = {
            pod,
            uid,
            ordinal: from,
            term,
            sentAtMs: agent.variant.grantedAt(sentAtMs, agent.clock()),
          };
          // The newest of each pod: the one before it may have gone, and counts no twice.
          const others = this.asked.granted.filter((one) => one.pod !== pod);
          this.asked = { ...this.asked, granted: [...others, grant] };
          agent.look();
        });
      });
    }
  }

  /** Answers a leader that asks. */
  give(shown: StoredLease, durationMs: number): GivenPromise | null {
    const agent = this.#agent;
    agent.lease.see(shown);
    const { sight, busy } = agent.lease;
    const known = sight.kind === 'read' ? sight.record : null;
    const { holder } = shown.record;
    if (holder !== null) this.#seek(holder);
    const isGone = holder !== null && holder.uid === this.#goneUid;
    const request = { known, shown: shown.record, isGone, isWriting: busy, durationMs };
    const given = agent.variant.promiseFor({
      ...request,
      self: agent.self,
      nowMs: agent.clock(),
    });
    if (given === null) return null;
    this.given = this.#atLeast(given);
    agent.world.checker.promised(agent, given);
    agent.world.trace(agent.place, 'promises', `${given.leader.pod} term ${given.term}`);
    return given;
  }

  /** Looks, beside the answer, whether the leader's pod is still there. */
  #seek({ pod, uid }: Member): void {
    const agent = this.#agent;
    const { world, variant } = agent;
    if (agent.clock() < after(this.#soughtAtMs, seekPeriodMs)) return;
    this.#soughtAtMs = agent.clock();
    const read = (): string => world.places.find((place) => place.name === pod)!.uid;
    world.api.request(agent.place, agent.requestTimeoutMs, read, (result) => {
      agent.meanwhile(() => {
        if (result.kind === 'answered' && variant.isReplaced(uid, result.value))
          this.#goneUid = uid;
      });
    });
  }

  /** A shorter promise does not end a longer one. */
  #atLeast(promise: GivenPromise): GivenPromise {
    const { given } = this;
    const isAgain = given?.term === promise.term && isSame(given.leader, promise.leader);
    if (!isAgain) return promise;
    return { ...promise, untilMs: latest(given.untilMs, promise.untilMs) };
  }
}
