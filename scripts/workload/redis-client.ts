import { Redis, type RedisOptions } from 'ioredis';

/** What a client shows, and whom it trusts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
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
}

/**
 * A connection that is not there by now is tried anew, in milliseconds: one to a Redis that starts in
 * this moment may be lost, and who waits for it sees for seconds nothing of what that Redis does.
 */
const connectMaxMs = 1000;
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
  const client = new Redis(clientOptions(address));
  // Each command tells of its own failure; without a listener the event would end the process.
  client.on('error', () => undefined);
  return client;
}

/** The settings of such a client. */
export function clientOptions(address: RedisAddress): Omit<RedisOptions, 'replyMapping'> {
  return {
    host: address.host,
    port: address.port,
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.tls === null ? {} : { tls: { ...address.tls, servername: address.host } }),
    connectTimeout: Math.min(address.timeoutMs, connectMaxMs),
    commandTimeout: address.timeoutMs,
    retryStrategy: (attempts) => (attempts < eagerAttempts ? retryMs : patientRetryMs),
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
  };
}
