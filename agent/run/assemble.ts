import { durabilityOf } from '../core/durability.ts';
import type { Self } from '../core/observation.ts';
import type { Member } from '../core/units.ts';
import { Metrics } from '../http/metrics.ts';
import type { PeerClient } from '../http/peer.ts';
import { LeaseWatch } from '../kube/lease-watch.ts';
import { PodStore } from '../kube/pod.ts';
import type { Log } from '../log.ts';
import { Link } from '../redis/link.ts';
import { actor } from './act.ts';
import { AddressBook } from './address-book.ts';
import { Agent, type AgentParts, type OnTurn } from './agent.ts';
import { ApiContact } from './api-contact.ts';
import { systemClock } from './clock.ts';
import { leaseName, type Connections } from './connections.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { LocalRedis } from './local-redis.ts';
import { NoteKeeper } from './note-keeper.ts';
import { readNote } from './note.ts';
import { Peers, type PeersOptions } from './peers.ts';
import { podDns } from './pod-dns.ts';
import { PromiseKeeper } from './promise-keeper.ts';
import { formerPasswords } from './rotation-password.ts';
import { Reporter } from './reporter.ts';
import { RoleLabel } from './role-label.ts';
import { Routing } from './routing.ts';
import { Scale } from './scale.ts';
import type { RunOptions } from './run-options.ts';
import { StaleReads } from './stale-reads.ts';

/** Route and scale are read again after so many renewals: what a person changes changes rarely. */
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
  readonly scale: Scale;
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
    heard: () => ({ peers: peers.sights, inquiry: peers.inquiry }),
  });
  const contact = new ApiContact(clock, log);
  const onReplaced = (): void => {
    log.warn({ pod: self.pod, uid: self.uid }, 'own-pod-replaced');
    // It goes away, as one that is deleted in peace: hands over what it has, and claims nothing.
    agent.request({ stop: 'pod' });
  };
  const listeners = { self, metrics, contact, onChange, onReplaced, log };
  const lease = leaseOf(options, connections, listeners);
  const counted = (): number => Math.max(self.members, agent.members);
  const peers: Peers = peersOf(self, options, connections, { members: counted, onChange });
  const client = connections.peers;
  const isReplaced = ({ pod: name, uid }: Member): Promise<boolean | null> =>
    new PodStore(connections.kube, { namespace: options.namespace, name }).isReplaced(uid);
  const asking = { self, clock, lease, peers, client };
  const promises = new PromiseKeeper({ ...asking, isReplaced, onChange });
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
  const onTurn = onTurnOf(options, connections, { link, redis, metrics, log });
  const scale = scaleOf(options, connections, { log, onChange });
  const parts = { timing, lease, redis, peers, promises, routing, scale, contact };
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
    scale,
    metrics,
    link,
    watch: watchOf(options, connections, { lease, contact, routing }),
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

/** What else is done with each turn of the loop: nothing of it is waited for. */
function onTurnOf(
  { dataDir, redisConfig }: RunOptions,
  { events, ownPod }: Connections,
  { link, redis, metrics, log }: Pick<Assembly, 'link' | 'redis' | 'metrics'> & { log: Log },
): OnTurn {
  const label = new RoleLabel(ownPod, log);
  const note = new NoteKeeper(dataDir, redis, log);
  const reporter = new Reporter({ log, events, metrics, label, note });
  const staleReads = new StaleReads(link, redisConfig, log);
  return (decision, observation) => {
    reporter.turn(decision, observation);
    void staleReads.see(observation.redis);
  };
}

function scaleOf(
  { timing }: RunOptions,
  { statefulSet: store }: Connections,
  listeners: Pick<LeaseListeners, 'log' | 'onChange'>,
): Scale {
  return new Scale({ ...listeners, store, reviewPeriodMs: reviewPeriods * timing.renewPeriodMs });
}

interface LeaseListeners {
  readonly self: Self;
  readonly metrics: Metrics;
  readonly contact: ApiContact;
  readonly onChange: () => void;
  readonly onReplaced: () => void;
  readonly log: Log;
}

function leaseOf(
  { timing }: RunOptions,
  { leases, leaseMetadata, ownPod }: Connections,
  { self, metrics, contact, onChange, onReplaced, log }: LeaseListeners,
): LeaseKeeper {
  return new LeaseKeeper({
    store: leases,
    self,
    leaseDurationSeconds: timing.leaseDurationSeconds,
    newMetadata: leaseMetadata,
    clock: systemClock,
    isReplaced: () => ownPod.isReplaced(self.uid),
    onReplaced,
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

function peersOf(
  { ordinal: ownOrdinal, address: ownAddress }: Self,
  options: RunOptions,
  { peers, kube }: Connections,
  { members, onChange }: Pick<PeersOptions, 'members' | 'onChange'>,
): Peers {
  const { set, headlessService, namespace, clusterDomain } = options;
  const domain = `${headlessService}.${namespace}.svc.${clusterDomain}`;
  return new Peers({
    nameOf: (ordinal) => `${set}-node-${ordinal}`,
    ownOrdinal,
    members,
    addresses: new AddressBook({
      byName: podDns({ domain, ownAddress }),
      byObject: async (name) => {
        const result = await new PodStore(kube, { namespace, name }).read();
        return result.kind === 'ok' ? result.pod.address : null;
      },
      clock: systemClock,
    }),
    client: peers,
    clock: systemClock,
    onChange,
  });
}

function watchOf(
  options: RunOptions,
  { kube }: Connections,
  { lease, contact, routing }: Pick<AgentParts, 'lease' | 'contact' | 'routing'>,
): LeaseWatch {
  return new LeaseWatch({
    client: kube,
    where: { namespace: options.namespace, name: leaseName(options) },
    silenceMs: options.timing.renewPeriodMs + options.timing.requestTimeoutMs,
    onLease: (seen) => {
      lease.see(seen);
    },
    onAbsence: (version) => {
      lease.seeAbsence(version);
    },
    onRead: () => {
      // With the Lease, whoever begins to lead writes the slice.
      routing.prepare();
    },
    onAlive: () => {
      contact.heard();
    },
    onFailure: (failure) => {
      contact.watchFailed(failure);
    },
  });
}
