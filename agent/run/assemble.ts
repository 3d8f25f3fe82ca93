import { lookup } from 'node:dns/promises';
import { durabilityOf } from '../core/durability.ts';
import type { Self } from '../core/observation.ts';
import { Metrics } from '../http/metrics.ts';
import type { PeerClient } from '../http/peer.ts';
import { LeaseWatch } from '../kube/lease-watch.ts';
import { PodStore } from '../kube/pod.ts';
import type { Log } from '../log.ts';
import { Link } from '../redis/link.ts';
import { actor } from './act.ts';
import { AddressBook } from './address-book.ts';
import { Agent } from './agent.ts';
import { ApiContact } from './api-contact.ts';
import { systemClock } from './clock.ts';
import { leaseName, type Connections } from './connections.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { LocalRedis } from './local-redis.ts';
import { NoteKeeper } from './note-keeper.ts';
import { readNote } from './note.ts';
import { Peers } from './peers.ts';
import { PromiseKeeper } from './promise-keeper.ts';
import { formerPasswords } from './rotation-password.ts';
import { Reporter } from './reporter.ts';
import { RoleLabel } from './role-label.ts';
import { Routing } from './routing.ts';
import type { RunOptions } from './run-options.ts';

/** The route is read again after so many renewals: a slice that was deleted by hand is rare. */
const reviewPeriods = 3;

/** The parts of a running agent that others talk to. */
export interface Assembly {
  readonly self: Self;
  readonly agent: Agent;
  readonly lease: LeaseKeeper;
  readonly promises: PromiseKeeper;
  readonly peers: Peers;
  readonly client: PeerClient;
  readonly redis: LocalRedis;
  readonly metrics: Metrics;
  readonly link: Link;
  readonly watch: LeaseWatch;
}

/** Puts an agent together. Nothing runs yet: `link`, `watch` and `agent` are started by the caller. */
export async function assemble(
  options: RunOptions,
  connections: Connections,
  log: Log,
): Promise<Assembly> {
  const { timing } = options;
  const self = selfOf(options);
  const clock = systemClock;
  // Parts report to the agent that is made of them.
  const onChange = (): void => {
    agent.look();
  };
  const metrics: Metrics = new Metrics(() => agent.reading);
  const link = linkTo(options, connections, onChange, log);
  const redis = new LocalRedis(link, {
    lookTimeoutMs: timing.fenceTimeoutMs,
    replicaLagSeconds: timing.replicaLagSeconds,
    note: await readNote(options.dataDir),
  });
  const contact = new ApiContact(clock, log);
  const lease = leaseOf(options, connections, { self, metrics, contact, onChange, log });
  const peers = peersOf(options, connections, onChange);
  const client = connections.peers;
  const promises = new PromiseKeeper({ self, clock, lease, peers, client, onChange });
  const routing = new Routing({
    store: connections.slices,
    address: options.podIp,
    reviewPeriodMs: reviewPeriods * timing.renewPeriodMs,
    clock,
    log,
    onRouted: (durationMs) => {
      metrics.failover('route', durationMs);
    },
    onChange,
  });
  const { turn: onTurn } = new Reporter({
    log,
    events: connections.events,
    metrics,
    label: new RoleLabel(connections.ownPod, log),
    note: new NoteKeeper(options.dataDir, redis, log),
  });
  const parts = { timing, lease, redis, peers, promises, routing, contact };
  const act = actor({ ...parts, redisPort: options.port, client, log });
  const agent: Agent = new Agent({ ...parts, self, clock, act, onTurn });
  return {
    self,
    agent,
    lease,
    promises,
    peers,
    client,
    redis,
    metrics,
    link,
    watch: watchOf(options, connections, lease, contact),
  };
}

function selfOf(options: RunOptions): Self {
  const { pod, podUid, podIp, priority, replicas } = options;
  const durability = durabilityOf(options.durability, replicas);
  const ordinal = Number(pod.slice(pod.lastIndexOf('-') + 1));
  const identity = { pod, uid: podUid, address: podIp };
  return { ...identity, ordinal, priority, members: replicas, durability };
}

function linkTo(
  options: RunOptions,
  { certificates }: Connections,
  onChange: () => void,
  log: Log,
): Link {
  return new Link({
    host: '127.0.0.1',
    port: options.port,
    passwordFile: options.passwordFile,
    formerPasswords: () => formerPasswords(options.redisConfig),
    ...(certificates === null ? {} : { tls: certificates.current }),
    beatTimeoutMs: options.timing.beatTimeoutMs,
    commandTimeoutMs: options.timing.fenceTimeoutMs,
    now: systemClock,
    onState: (state) => {
      log.info({ state }, `redis-${state.kind}`);
      onChange();
    },
  });
}

interface LeaseListeners {
  readonly self: Self;
  readonly metrics: Metrics;
  readonly contact: ApiContact;
  readonly onChange: () => void;
  readonly log: Log;
}

function leaseOf(
  { timing }: RunOptions,
  { leases, leaseMetadata }: Connections,
  { self, metrics, contact, onChange, log }: LeaseListeners,
): LeaseKeeper {
  return new LeaseKeeper({
    store: leases,
    self,
    leaseDurationSeconds: timing.leaseDurationSeconds,
    newMetadata: leaseMetadata,
    clock: systemClock,
    onChange,
    onWritten: (result, durationMs) => {
      if (result !== 'unreachable') contact.heard();
      metrics.renewal(result === 'absent' ? 'conflict' : result, durationMs);
    },
    onFailure: (request, failure) => {
      log.warn({ request, failure }, 'lease-request-failed');
    },
  });
}

function peersOf(options: RunOptions, { peers, kube }: Connections, onChange: () => void): Peers {
  const { set, pod, replicas, headlessService, namespace, clusterDomain } = options;
  const all = Array.from({ length: replicas }, (_, ordinal) => `${set}-node-${ordinal}`);
  const domain = `${headlessService}.${namespace}.svc.${clusterDomain}`;
  return new Peers({
    names: all.filter((name) => name !== pod),
    addresses: new AddressBook({
      byName: async (name) => (await lookup(`${name}.${domain}`)).address,
      byObject: async (name) => {
        const result = await new PodStore(kube, { namespace, name }).read();
        return result.kind === 'ok' ? result.pod.address : null;
      },
    }),
    client: peers,
    clock: systemClock,
    onChange,
  });
}

function watchOf(
  options: RunOptions,
  { kube }: Connections,
  lease: LeaseKeeper,
  contact: ApiContact,
): LeaseWatch {
  return new LeaseWatch({
    client: kube,
    where: { namespace: options.namespace, name: leaseName(options) },
    silenceMs: options.timing.renewPeriodMs + options.timing.requestTimeoutMs,
    onLease: (seen) => {
      lease.see(seen);
    },
    onAlive: () => {
      contact.heard();
    },
    onFailure: (failure) => {
      contact.watchFailed(failure);
    },
  });
}
