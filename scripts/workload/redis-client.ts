import { Redis, type RedisOptions } from 'ioredis';

/** What a client shows, and whom it trusts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Sentinels that know where a primary is. */
export interface SentinelGroup {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** What they call the primary. */
  readonly primary: string;
}

/** Where a Redis is, and how to get in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  /** `null` when Redis needs none. */
  readonly password: string | null;
  /** `null` for connections that are not encrypted. */
  readonly tls: Certificates | null;
  /** Longest time to wait for a reply, in milliseconds. */
  readonly timeoutMs: number;
  /** Whom to ask where the primary is, instead of `host` and `port`. */
  readonly group?: SentinelGroup;
}

/**
 * A connection that is not there by now is tried anew, in milliseconds: one to a Redis that starts in
 * this moment may be lost, and who waits for it sees for seconds nothing of what that Redis does.
 */
const connectMaxMs = 1000;
/**
 * Between two questions to a Redis that loads, in milliseconds. By default ioredis waits as long as that
 * Redis expects to take, up to ten seconds, and sees nothing of one that is done sooner.
 */
const loadingRetryMs = 50;
/** Between two attempts to connect in the first second, in milliseconds. */
const retryMs = 10;
const eagerAttempts = 100;
/** And later: whoever is away for long must not be asked for by everybody all the time. */
const patientRetryMs = 100;

/**
 * A client as applications have one: it knows one address, waits for a reply for a limited time and
 * connects again whenever it has lost the connection. A command without a connection fails at once.
 */
export function openClient(address: RedisAddress): Redis {
  return opened(clientOptions(address));
}

/**
 * A client for commands that do the same when they come twice: what was sent over a connection that is
 * lost is sent again over the next, until the reply's time is over.
 */
export function openPatientClient(address: RedisAddress): Redis {
  const patience = { enableOfflineQueue: true, autoResendUnfulfilledCommands: true } as const;
  return opened({ ...clientOptions(address), ...patience, maxRetriesPerRequest: null });
}

/**
 * Connects anew after a command that failed: whoever answers with an error now may do so for ever. And
 * ioredis itself may give a client up for good (seen with `failoverDetector`: "Connection is closed",
 * and no attempt any more), as no application would put up with.
 */
export function connectAnew(client: Redis): void {
  if (client.status === 'ready') client.disconnect(true);
  if (client.status === 'end') client.connect().catch(() => undefined);
}

function opened(options: ReturnType<typeof clientOptions>): Redis {
  const client = new Redis(options);
  // Each command tells of its own failure; without a listener the event would end the process.
  client.on('error', () => undefined);
  return client;
}

/** The settings of such a client. */
export function clientOptions(address: RedisAddress): Omit<RedisOptions, 'replyMapping'> {
  const connectTimeout = Math.min(address.timeoutMs, connectMaxMs);
  const { group } = address;
  return {
    ...(group === undefined
      ? { host: address.host, port: address.port }
      : sentinelOptions(group, connectTimeout)),
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.tls === null ? {} : { tls: { ...address.tls, servername: address.host } }),
    connectTimeout,
    commandTimeout: address.timeoutMs,
    retryStrategy,
    maxLoadingRetryTime: loadingRetryMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
  };
}

function retryStrategy(attempts: number): number {
  return attempts < eagerAttempts ? retryMs : patientRetryMs;
}

/** A client that the Sentinels tell of each change, and that asks them before each connection. */
function sentinelOptions(group: SentinelGroup, connectTimeout: number) {
  return {
    sentinels: [...group.sentinels],
    name: group.primary,
    failoverDetector: true,
    sentinelCommandTimeout: connectTimeout,
    sentinelRetryStrategy: retryStrategy,
    sentinelReconnectStrategy: () => connectMaxMs,
  };
}
