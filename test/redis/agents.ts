import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Lease } from '@kubernetes/client-node';
import { durabilityOf, type DurabilityChoice } from '../../agent/core/durability.ts';
import type { RouteSight, Self } from '../../agent/core/observation.ts';
import { timings, type Timing } from '../../agent/core/timing.ts';
import { Metrics } from '../../agent/http/metrics.ts';
import type { PeerResult, PromiseAnswer } from '../../agent/http/peer.ts';
import { parsePeerState, type PeerState } from '../../agent/http/peer-state.ts';
import type { Route } from '../../agent/http/server.ts';
import type { LeaseResult } from '../../agent/kube/lease-store.ts';
import type { Heard } from '../../agent/core/wholeness.ts';
import { Link } from '../../agent/redis/link.ts';
import { actor } from '../../agent/run/act.ts';
import { AddressBook } from '../../agent/run/address-book.ts';
import { Agent } from '../../agent/run/agent.ts';
import { ApiContact } from '../../agent/run/api-contact.ts';
import { systemClock } from '../../agent/run/clock.ts';
import { LeaseKeeper } from '../../agent/run/lease-keeper.ts';
import { LocalRedis } from '../../agent/run/local-redis.ts';
import { Peers } from '../../agent/run/peers.ts';
import { PromiseKeeper } from '../../agent/run/promise-keeper.ts';
import type { RouteParts } from '../../agent/run/route-parts.ts';
import { routes } from '../../agent/run/routes.ts';
import { Routing } from '../../agent/run/routing.ts';
import { Scale } from '../../agent/run/scale.ts';
import { OneLease } from '../unit/run/one-lease.ts';
import { silentLog } from '../unit/run/silent-log.ts';
import { freePort, RedisProcess } from './redis-process.ts';

/** The fast profile: everything that a test waits for comes sooner. */
const timing: Timing = timings.fast;

/** One pod: a Redis of its own, and the agent beside it with everything that it is made of. */
export interface Member {
  readonly pod: string;
  readonly address: string;
  readonly redis: RedisProcess;
  readonly agent: Agent;
  readonly lease: LeaseKeeper;
  readonly link: Link;
  readonly routes: readonly Route[];
  /** Neither its agent nor its Redis answers any more. */
  isGone: boolean;
}

/**
 * Three real Redis processes with three real agents in this process. Only what lies between is made
 * here: the Lease is in memory, with the API server's compare-and-swap, and agents reach each
 * other's routes without HTTP.
 */
export class AgentSet {
  readonly lease = new OneLease();
  readonly members: Member[] = [];
  /** The API server answers nobody. */
  isApiAway = false;
  /** How long a request to the API server is on its way before it is carried out. */
  apiDelayMs = 0;
  #route: RouteSight | null = null;
  readonly #running: Promise<void>[] = [];
  readonly #port: number;
  readonly #durability: DurabilityChoice;

  private constructor(port: number, durability: DurabilityChoice) {
    this.#port = port;
    this.#durability = durability;
  }

  /** Starts a set of three. */
  static async start(
    durability: DurabilityChoice = { durability: null, onReplicaLoss: null },
  ): Promise<AgentSet> {
    const set = new AgentSet(await freePort(), durability);
    for (const ordinal of [0, 1, 2]) await set.#add(ordinal);
    for (const { agent, link } of set.members) {
      link.start();
      set.#running.push(agent.run());
    }
    set.#publish();
    return set;
  }

  /** The member of that name. */
  member(pod: string): Member {
    const found = this.members.find((one) => one.pod === pod);
    if (found === undefined) throw new Error(`there is no ${pod}`);
    return found;
  }

  /** Whoever accepts writes, by right. */
  get leader(): Member | undefined {
    return this.members.find((one) => !one.isGone && one.agent.isLeading);
  }

  /** What a person in the pod gets for a request. */
  async ask(
    pod: string,
    path: string,
    body: unknown = null,
    asker: Self | null = null,
  ): Promise<{ status: number; body: unknown }> {
    const route = this.member(pod).routes.find((one) => one.path === path);
    if (route === undefined) throw new Error(`nobody answers ${path}`);
    const answer = await route.answer({ body, from: '127.0.0.1', asker });
    return { status: answer.status, body: JSON.parse(JSON.stringify(answer.body)) };
  }

  /** A pod that is gone at once, with its Redis: its agent reaches nobody any more. */
  async kill(pod: string): Promise<void> {
    this.member(pod).isGone = true;
    await this.member(pod).redis.crash();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { agent } of this.members) agent.request({ stop: 'agent' });
    for (const { redis } of this.members) await redis[Symbol.asyncDispose]();
    // Who holds the Lease and has no Redis leaves once its lease cannot be written any more.
    this.isApiAway = true;
    await Promise.all(this.#running);
    for (const { link } of this.members) link.end();
  }

  async #add(ordinal: number): Promise<void> {
    const pod = `set-node-${ordinal}`;
    const address = `127.0.0.${ordinal + 2}`;
    const boot = ['--replicaof', '127.0.0.1 1', '--repl-ping-replica-period', '1'];
    // Nothing stays on disk, not even what a resync brought: a Redis that restarts is empty.
    const sync = ['--repl-diskless-sync-delay', '0', '--rdb-del-sync-files', 'yes'];
    const fence = ['--min-replicas-to-write', '1000000', '--min-replicas-max-lag', '1000000'];
    const redis = await RedisProcess.startAt(
      address,
      this.#port,
      ...boot,
      ...sync,
      ...fence,
      '--save',
      '',
    );
    const self: Self = {
      ...{ pod, uid: `uid-${ordinal}`, address, ordinal, priority: 100, members: 3 },
      durability: durabilityOf(this.#durability, 3),
    };
    const parts = this.#assemble(self);
    const served = routes({ ...parts, deletion: () => Promise.resolve({ kind: 'none' }) });
    this.members.push({ ...parts, pod, address, redis, routes: served, isGone: false });
  }

  #assemble(self: Self): Omit<RouteParts, 'deletion'> & { readonly link: Link } {
    const clock = systemClock;
    const onChange = (): void => {
      agent.look();
    };
    const link = new Link({
      ...{ host: self.address, port: this.#port, passwordFile: null },
      beatTimeoutMs: timing.beatTimeoutMs,
      commandTimeoutMs: timing.fenceTimeoutMs,
      now: clock,
      onState: onChange,
    });
    const { replicaLagSeconds, fenceTimeoutMs: lookTimeoutMs } = timing;
    const heard = (): Heard => ({ peers: peers.sights, inquiry: peers.inquiry });
    const redis = new LocalRedis(link, { lookTimeoutMs, replicaLagSeconds, note: null, heard });
    const lease = this.#keeper(self, onChange);
    const client = this.#network(self);
    const peers: Peers = this.#peers(self, client, onChange);
    const isReplaced = (): Promise<boolean> => Promise.resolve(false);
    const asking = { self, clock, lease, peers, client, isReplaced };
    const promises = new PromiseKeeper({ ...asking, onChange });
    const routing = this.#routing(self, onChange);
    const scale = new Scale({
      store: { read: () => Promise.resolve({ kind: 'ok', members: 3 }) },
      ...{ reviewPeriodMs: 5000, log: silentLog, onChange },
    });
    const parts = { timing, lease, redis, peers, promises, routing, scale };
    const act = actor({ ...parts, redisPort: this.#port, client, log: silentLog });
    const contact = new ApiContact(clock, silentLog);
    const onTurn = (): void => undefined;
    const agent: Agent = new Agent({ ...parts, self, clock, contact, act, onTurn });
    const metrics = new Metrics(() => agent.reading);
    metrics.end();
    const passwordGeneration = (): null => null;
    return { ...parts, self, clock, agent, client, metrics, passwordGeneration, link };
  }

  #routing({ address }: Self, onChange: () => void): Routing {
    return new Routing({
      store: {
        read: () => Promise.resolve({ kind: 'ok', route: this.#route }),
        write: (route) => {
          this.#route = route;
          return Promise.resolve({ kind: 'ok', route });
        },
      },
      ...{ address, reviewPeriodMs: 3 * timing.renewPeriodMs, clock: systemClock, log: silentLog },
      onRouted: () => undefined,
      onChange,
    });
  }

  #keeper(self: Self, onChange: () => void): LeaseKeeper {
    const through = async (request: () => Promise<LeaseResult>): Promise<LeaseResult> => {
      if (this.isApiAway || this.member(self.pod).isGone)
        return { kind: 'unreachable', cause: 'away' };
      if (this.apiDelayMs > 0) await sleep(this.apiDelayMs);
      const result = await request();
      this.#publish();
      return result;
    };
    return new LeaseKeeper({
      isReplaced: () => Promise.resolve(false),
      onReplaced: () => undefined,
      store: {
        get: () => through(() => this.lease.get()),
        create: (lease) => through(() => this.lease.create(lease)),
        update: (lease) => through(() => this.lease.update(lease)),
      },
      self,
      leaseDurationSeconds: timing.leaseDurationSeconds,
      newMetadata: { name: 'set-leader' },
      clock: systemClock,
      onChange,
      onWritten: () => undefined,
      onFailure: () => undefined,
    });
  }

  /** What the watch does. */
  #publish(): void {
    const written = this.lease.lease;
    for (const { lease, isGone } of this.members) {
      if (isGone) continue;
      if (written === null) lease.seeAbsence('0');
      else lease.see(written);
    }
  }

  #peers(self: Self, client: Network, onChange: () => void): Peers {
    const nameOf = (ordinal: number): string => `set-node-${ordinal}`;
    const all = [0, 1, 2].map(nameOf);
    const address = (name: string): Promise<string> =>
      Promise.resolve(`127.0.0.${all.indexOf(name) + 2}`);
    return new Peers({
      ...{ nameOf, ownOrdinal: self.ordinal, members: () => 3 },
      addresses: new AddressBook({ byName: address, byObject: address, clock: systemClock }),
      client,
      clock: systemClock,
      onChange,
    });
  }

  #network(self: Self): Network {
    const send = async (address: string, path: string, body: unknown): Promise<unknown> => {
      const member = this.members.find((one) => one.address === address && !one.isGone);
      if (member === undefined || this.member(self.pod).isGone) throw new Error('unreachable');
      const answer = await this.ask(member.pod, path, JSON.parse(JSON.stringify(body)), self);
      if (answer.status !== 200) throw new Error(`status ${answer.status}`);
      return answer.body;
    };
    const heard = async <T extends object>(said: Promise<T>): Promise<PeerResult<T>> => {
      try {
        return { kind: 'answered', ...(await said) };
      } catch (error) {
        return { kind: 'unreachable', cause: String(error) };
      }
    };
    const told = async (said: Promise<unknown>): Promise<object> => ({ said: await said });
    return {
      state: (address) =>
        heard(send(address, '/v1/state', null).then((said) => ({ state: parsePeerState(said) }))),
      lead: (address, lease) => heard(told(send(address, '/v1/lead', { lease }))),
      override: (address, to) => heard(told(send(address, '/v1/override', { to }))),
      promise: (address, lease, durationMs) =>
        heard(
          send(address, '/v1/promise', { lease, durationMs }).then((said) => ({
            answer: said as PromiseAnswer,
          })),
        ),
    };
  }
}

/** How agents reach each other: the questions of `PeerClient`. */
interface Network {
  readonly state: (address: string) => Promise<PeerResult<{ state: PeerState }>>;
  readonly lead: (address: string, lease: V1Lease) => Promise<PeerResult<object>>;
  readonly override: (address: string, to: string) => Promise<PeerResult<object>>;
  readonly promise: (
    address: string,
    lease: V1Lease,
    durationMs: number,
  ) => Promise<PeerResult<{ answer: PromiseAnswer }>>;
}
