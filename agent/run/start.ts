import type { Server } from 'node:http';
import type { Decision } from '../core/decision.ts';
import type { Observation, Self } from '../core/observation.ts';
import { listen } from '../http/server.ts';
import { LeaseWatch } from '../kube/lease-watch.ts';
import { createLog, type Log } from '../log.ts';
import { Link } from '../redis/link.ts';
import { actor } from './act.ts';
import { AddressBook } from './address-book.ts';
import { Agent } from './agent.ts';
import { announcementOf } from './announcements.ts';
import { systemClock } from './clock.ts';
import { connect, leaseName, type Connections } from './connections.ts';
import { journal } from './journal.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { LocalRedis } from './local-redis.ts';
import { NoteKeeper } from './note-keeper.ts';
import { readNote } from './note.ts';
import { Peers } from './peers.ts';
import { RoleLabel } from './role-label.ts';
import { routes } from './routes.ts';
import { Routing } from './routing.ts';
import type { RunOptions } from './run-options.ts';
import { secretReader } from './secret-file.ts';

/** Signals that ask the process to end. */
const endings = ['SIGTERM', 'SIGINT'] as const;

/** Runs the agent until nothing depends on it any more. */
export async function start(options: RunOptions): Promise<void> {
  const log = createLog(options.logLevel, { pod: options.pod });
  const connections = await connect(options, secretReader(options.peerSecretFile), log);
  const assembled = await assemble(options, connections, log);
  for (const signal of endings) {
    process.on(signal, () => {
      assembled.agent.request({ stop: 'agent' });
    });
  }
  const server = await serve(options, connections, assembled, log);
  assembled.watch.start();
  assembled.link.start();
  await assembled.agent.run();
  await connections.events.settled();
  assembled.watch.end();
  assembled.link.end();
  connections.peers.close();
  server.close();
  server.closeAllConnections();
}

interface Assembled {
  readonly self: Self;
  readonly agent: Agent;
  readonly lease: LeaseKeeper;
  readonly redis: LocalRedis;
  readonly link: Link;
  readonly watch: LeaseWatch;
}

/** Puts the parts of the loop together. */
async function assemble(
  options: RunOptions,
  connections: Connections,
  log: Log,
): Promise<Assembled> {
  const { timing } = options;
  const self = selfOf(options);
  const clock = systemClock;
  // Parts report to an agent that is made of them.
  const onChange = (): void => {
    agent.look();
  };
  const link = linkTo(options, onChange, log);
  const redis = new LocalRedis(link, timing.fenceTimeoutMs, await readNote(options.dataDir));
  const lease = new LeaseKeeper({
    store: connections.leases,
    self,
    leaseDurationSeconds: timing.leaseDurationSeconds,
    newMetadata: connections.leaseMetadata,
    clock,
    onChange,
    onFailure: (request, failure) => {
      log.warn({ request, failure }, 'lease-request-failed');
    },
  });
  const peers = peersOf(options, connections, onChange);
  const routing = new Routing(connections.slices, options.podIp, onChange);
  const parts = { timing, redisPort: options.port, lease, redis, peers, routing, log };
  const act = actor({ ...parts, client: connections.peers });
  const onTurn = reporter(options, connections, redis, log);
  const agent: Agent = new Agent({
    self,
    timing,
    clock,
    lease,
    redis,
    peers,
    routing,
    act,
    onTurn,
  });
  const watch = watchOf(options, connections, lease, log);
  return { self, agent, lease, redis, link, watch };
}

function selfOf(options: RunOptions): Self {
  const { pod, podUid, podIp, priority, replicas } = options;
  const ordinal = Number(pod.slice(pod.lastIndexOf('-') + 1));
  const identity = { pod, uid: podUid, address: podIp };
  return { ...identity, ordinal, priority, members: replicas, requiredReplicas: 0 };
}

function linkTo(options: RunOptions, onChange: () => void, log: Log): Link {
  return new Link({
    host: '127.0.0.1',
    port: options.port,
    passwordFile: options.passwordFile,
    beatTimeoutMs: options.timing.beatTimeoutMs,
    commandTimeoutMs: options.timing.fenceTimeoutMs,
    now: systemClock,
    onState: (state) => {
      log.info({ state }, `redis-${state.kind}`);
      onChange();
    },
  });
}

function peersOf(options: RunOptions, { peers }: Connections, onChange: () => void): Peers {
  const { set, pod, replicas, headlessService, namespace, clusterDomain } = options;
  const all = Array.from({ length: replicas }, (_, ordinal) => `${set}-node-${ordinal}`);
  const domain = `${headlessService}.${namespace}.svc.${clusterDomain}`;
  return new Peers({
    names: all.filter((name) => name !== pod),
    addresses: new AddressBook({ hostOf: (name) => `${name}.${domain}` }),
    client: peers,
    clock: systemClock,
    onChange,
  });
}

function watchOf(
  options: RunOptions,
  { kube }: Connections,
  lease: LeaseKeeper,
  log: Log,
): LeaseWatch {
  return new LeaseWatch({
    client: kube,
    where: { namespace: options.namespace, name: leaseName(options) },
    silenceMs: options.timing.renewPeriodMs + options.timing.requestTimeoutMs,
    onLease: (seen) => {
      lease.see(seen);
    },
    onAlive: () => undefined,
    onFailure: (failure) => {
      log.warn({ failure }, 'lease-watch-failed');
    },
  });
}

/** What is written and told after each turn. */
function reporter(
  options: RunOptions,
  { events, ownPod }: Connections,
  redis: LocalRedis,
  log: Log,
): (decision: Decision, seen: Observation) => void {
  const note = new NoteKeeper(options.dataDir, redis, log);
  const label = new RoleLabel(ownPod, log);
  const write = journal(log);
  let told: string | null = null;
  return (decision, seen) => {
    write(decision, seen);
    const { lastRecord } = decision.memory;
    void note.keep(lastRecord, seen.redis, seen.nowMs);
    if (decision.reason === 'leading') label.want('primary');
    if (decision.reason === 'following') label.want('replica');
    const announcement = announcementOf(decision.reason);
    if (announcement === null || told === decision.reason) return;
    told = decision.reason;
    const { type, reason, message } = announcement;
    events.tell({
      type,
      reason,
      action: reason,
      note: `${message} (term ${lastRecord?.term ?? 0})`,
    });
  };
}

function serve(
  options: RunOptions,
  { ownPod }: Connections,
  { self, agent, lease, redis }: Assembled,
  log: Log,
): Promise<Server> {
  const isPodEnding = async (): Promise<boolean | null> => {
    const result = await ownPod.read();
    return result.kind === 'ok' ? result.pod.isEnding : null;
  };
  const metrics = (): Promise<string> => Promise.resolve('');
  return listen({
    port: options.agentPort,
    routes: routes({ self, clock: systemClock, agent, lease, redis, isPodEnding, metrics }),
    peerSecret: secretReader(options.peerSecretFile),
    onError: (path, error) => {
      log.error({ path, error }, 'route-failed');
    },
  });
}
