import { isIP } from 'node:net';
import {
  durabilityClasses,
  durabilityFault,
  replicaLossAnswers,
  type DurabilityChoice,
} from '../core/durability.ts';
import { timingFaults, timingProfiles, timings, type Timing } from '../core/timing.ts';
import { logLevels } from '../log.ts';
import { tlsAuthClients, type ConfigTls } from '../redis/config-file.ts';
import type { RunOptions } from '../run/run-options.ts';
import { agentPort } from './command-options.ts';
import {
  choice,
  dnsName as name,
  otherwise,
  parseOptions,
  port,
  text,
  usage,
  whole,
  type Option,
  type OptionTable,
} from './option-table.ts';

/** Where agents talk to each other when there is TLS. */
const peerPortDefault = 8378;
const redisPortDefault = 6379;

/** What `regent init` is told. */
export interface InitOptions {
  readonly port: number;
  /** The pod's DNS name. */
  readonly announceHost: string;
  /** The user's configuration. */
  readonly config: string;
  /** Where to write Redis' configuration. */
  readonly output: string;
  readonly dataDir: string;
  readonly passwordFile: string | null;
  /** The folder of the certificates, `null` for a Redis without TLS. */
  readonly tlsDir: string | null;
  readonly tlsAuthClients: ConfigTls['authClients'];
}

const path = text('the path of a file', /^[^\0]+$/);
const folder = text('an absolute path', /^\/[^\0]*$/);
const redisPort = otherwise(port, redisPortDefault);
const dataDir = otherwise(folder, '/data');
const noFile = otherwise(path, null);
const noFolder = otherwise(folder, null);

const ipAddress: Option<string> = {
  allows: 'an IP address',
  parse: (given) => (isIP(given) === 0 ? undefined : given),
};

/** The options of `regent init`. */
export const initTable = {
  'port': redisPort,
  'announce-host': name,
  'config': path,
  'output': path,
  'data-dir': dataDir,
  'password-file': noFile,
  'tls-dir': noFolder,
  'tls-auth-clients': otherwise(choice(tlsAuthClients), 'yes'),
} satisfies OptionTable;

const milliseconds = otherwise(whole('milliseconds', 1, 600_000), null);
const seconds = otherwise(whole('seconds', 1, 600), null);

const timingTable = {
  'timing': otherwise(choice(timingProfiles), 'default'),
  'renew-period-ms': milliseconds,
  'request-timeout-ms': milliseconds,
  'lease-duration-seconds': seconds,
  'fence-deadline-ms': milliseconds,
  'fence-timeout-ms': milliseconds,
  'replica-lag-seconds': seconds,
  'promise-ms': milliseconds,
  'beat-timeout-ms': milliseconds,
} satisfies OptionTable;

const durabilityTable = {
  'durability': otherwise(choice(durabilityClasses), null),
  'on-replica-loss': otherwise(choice(replicaLossAnswers), null),
} satisfies OptionTable;

/** The options of `regent run`. */
export const runTable = {
  'pod': name,
  'pod-uid': text("the pod's UID", /^[0-9A-Za-z][-0-9A-Za-z.]{0,127}$/),
  'pod-ip': ipAddress,
  'namespace': name,
  'set': name,
  'headless-service': name,
  'leader-service': name,
  'replicas': whole('the number of pods', 1, 999),
  'cluster-domain': otherwise(name, 'cluster.local'),
  'port': redisPort,
  'agent-port': agentPort,
  'password-file': noFile,
  'redis-config': otherwise(path, '/run/regent/redis.conf'),
  'peer-secret-file': noFile,
  'tls-dir': noFolder,
  'peer-port': otherwise(port, peerPortDefault),
  'data-dir': dataDir,
  'priority': otherwise(whole('a priority', 0, 1_000_000), 100),
  'log-level': otherwise(choice(logLevels), 'info'),
  'kubeconfig': noFile,
  ...durabilityTable,
  ...timingTable,
} satisfies OptionTable;

/** Reads the options of `regent init`. */
export function parseInit(args: readonly string[]): InitOptions {
  const given = parseOptions('init', initTable, args);
  return {
    port: given.port,
    announceHost: given['announce-host'],
    config: given.config,
    output: given.output,
    dataDir: trimmed(given['data-dir']),
    passwordFile: given['password-file'],
    tlsDir: given['tls-dir'],
    tlsAuthClients: given['tls-auth-clients'],
  };
}

/** Reads the options of `regent run`. */
export function parseRun(args: readonly string[]): RunOptions {
  const given = parseOptions('run', runTable, args);
  const { pod, set } = given;
  const prefix = `${set}-node-`;
  if (!pod.startsWith(prefix) || !/^(0|[1-9]\d*)$/.test(pod.slice(prefix.length))) {
    throw usage(`--pod: found '${pod}', allowed is a pod of --set '${set}': ${prefix}0, ...`);
  }
  if (given.port === given['agent-port']) {
    throw usage(
      `--agent-port: found ${given.port}, allowed is another than --port (${given.port})`,
    );
  }
  const others = [given.port, given['agent-port']];
  if (given['tls-dir'] !== null && others.includes(given['peer-port'])) {
    throw usage(
      `--peer-port: found ${given['peer-port']}, allowed is another than --port (${given.port}) and --agent-port (${given['agent-port']})`,
    );
  }
  return {
    pod,
    set,
    podUid: given['pod-uid'],
    podIp: given['pod-ip'],
    namespace: given.namespace,
    headlessService: given['headless-service'],
    leaderService: given['leader-service'],
    replicas: given.replicas,
    clusterDomain: given['cluster-domain'],
    port: given.port,
    agentPort: given['agent-port'],
    passwordFile: given['password-file'],
    redisConfig: given['redis-config'],
    peerSecretFile: given['peer-secret-file'],
    tlsDir: given['tls-dir'],
    peerPort: given['peer-port'],
    dataDir: trimmed(given['data-dir']),
    priority: given.priority,
    durability: durabilityIn(given),
    timing: timingOf(given),
    logLevel: given['log-level'],
    kubeconfig: given.kubeconfig,
  };
}

type DurabilityGiven = ReturnType<typeof parseOptions<typeof durabilityTable>>;

function durabilityIn(given: DurabilityGiven): DurabilityChoice {
  const asked = { durability: given.durability, onReplicaLoss: given['on-replica-loss'] };
  const fault = durabilityFault(asked);
  if (fault !== null) throw usage(`--durability, --on-replica-loss: ${fault}`);
  return asked;
}

type TimingGiven = ReturnType<typeof parseOptions<typeof timingTable>>;

function timingOf(given: TimingGiven): Timing {
  const profile = timings[given.timing];
  const timing: Timing = {
    renewPeriodMs: given['renew-period-ms'] ?? profile.renewPeriodMs,
    requestTimeoutMs: given['request-timeout-ms'] ?? profile.requestTimeoutMs,
    leaseDurationSeconds: given['lease-duration-seconds'] ?? profile.leaseDurationSeconds,
    fenceDeadlineMs: given['fence-deadline-ms'] ?? profile.fenceDeadlineMs,
    fenceTimeoutMs: given['fence-timeout-ms'] ?? profile.fenceTimeoutMs,
    replicaLagSeconds: given['replica-lag-seconds'] ?? profile.replicaLagSeconds,
    promiseMs: given['promise-ms'] ?? profile.promiseMs,
    beatTimeoutMs: given['beat-timeout-ms'] ?? profile.beatTimeoutMs,
  };
  const [fault] = timingFaults(timing);
  if (fault !== undefined) throw usage(`--timing ${given.timing}: ${fault}`);
  return timing;
}

/** Without the slashes at the end, so that paths can be compared. */
function trimmed(folderPath: string): string {
  return folderPath.replace(/(?<=.)\/+$/, '');
}
