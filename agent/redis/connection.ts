import { Redis } from 'ioredis';
import { messageOf } from '../errors.ts';
import type { TlsMaterial } from '../tls.ts';
import type { Password } from './password.ts';

/** A command and its arguments, as they go over the wire. */
export type Command = readonly [name: string, ...args: (string | number | Buffer)[]];

/** The answer to one command. Redis' refusals are answers too. */
export type Reply =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly message: string };

/** What became of commands that were sent together. */
export type RunResult =
  | { readonly kind: 'answered'; readonly replies: readonly Reply[] }
  /** Not answered in time. They are on their way nevertheless, and Redis may still carry them out. */
  | { readonly kind: 'timeout' }
  /** The connection closed before the answer; they may have been carried out. */
  | { readonly kind: 'closed' };

/** Whatever commands can be sent to: one connection, or a link that keeps one. */
export interface CommandRunner {
  /** Sends the commands in one write; they are answered in order. Never rejects. */
  run(commands: readonly Command[], timeoutMs?: number): Promise<RunResult>;
  /** The same inside MULTI and EXEC: all of them or none, nothing of others between. */
  runAtomic(commands: readonly Command[], timeoutMs?: number): Promise<RunResult>;
}

/** Where Redis is, and how long to wait for it. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** CLIENT SETNAME, so that CLIENT LIST shows who it is. */
  readonly name: string;
  /** `null` for a Redis without a password. */
  readonly password: Password | null;
  /** Absent for a Redis without TLS. */
  readonly tls?: TlsMaterial;
  /** For the TCP handshake and the greeting together. */
  readonly connectTimeoutMs: number;
  /** For commands that name no timeout of their own. */
  readonly commandTimeoutMs: number;
}

/** Why a connection did not come about. */
export type OpenResult =
  | { readonly kind: 'open'; readonly connection: RedisConnection }
  /** Nobody listens: there is no process. */
  | { readonly kind: 'closed'; readonly cause: string }
  /** Somebody listens and nobody answers: Redis hangs. */
  | { readonly kind: 'timeout' }
  /** Somebody listens and will not serve us: a wrong password, too many clients. */
  | { readonly kind: 'refused'; readonly message: string };

/**
 * The message of a Redis that closes a new connection: so does one that is full, or that wants another
 * certificate; and one that is dying, which refuses the next.
 */
export const closesNewConnections = 'it closes new connections';

/**
 * One connection to one Redis. It is opened once and never again by itself: what a reconnect means
 * is for its owner to decide, and nothing is resent or kept for later behind the owner's back.
 */
export class RedisConnection implements CommandRunner {
  /** The id of the Redis process (`run_id`), so that a new process can be told from the old. */
  readonly runId: string;
  readonly #redis: Redis;
  readonly #commandTimeoutMs: number;

  private constructor(redis: Redis, runId: string, commandTimeoutMs: number) {
    this.#redis = redis;
    this.runId = runId;
    this.#commandTimeoutMs = commandTimeoutMs;
  }

  /** Connects and says who it is. Never rejects. */
  static async open(options: ConnectionOptions): Promise<OpenResult> {
    const redis = createClient(options);
    const opening = connected(redis).then(
      (failure): OpenResult | Promise<OpenResult> => failure ?? greet(redis, options),
    );
    const result = await within(opening, options.connectTimeoutMs);
    if (result === 'timeout' || result.kind === 'timeout') {
      redis.disconnect();
      return { kind: 'timeout' };
    }
    if (result.kind !== 'open') redis.disconnect();
    return result;
  }

  /** @internal For `greet` alone. */
  static greeted(redis: Redis, runId: string, commandTimeoutMs: number): RedisConnection {
    return new RedisConnection(redis, runId, commandTimeoutMs);
  }

  /** Calls back once, as soon as the socket is seen to close, and at once if it has. */
  onClose(callback: () => void): void {
    if (!this.isOpen) queueMicrotask(callback);
    else this.#redis.once('close', callback);
  }

  /** Whether commands can be written. */
  get isOpen(): boolean {
    return this.#redis.status === 'ready';
  }

  run(commands: readonly Command[], timeoutMs = this.#commandTimeoutMs): Promise<RunResult> {
    return exchange(this.#redis, commands, { timeoutMs, atomic: false });
  }

  runAtomic(commands: readonly Command[], timeoutMs = this.#commandTimeoutMs): Promise<RunResult> {
    return exchange(this.#redis, commands, { timeoutMs, atomic: true });
  }

  /** Closes the socket; commands without an answer end as `closed`. */
  close(): void {
    this.#redis.disconnect();
  }
}

function createClient({ tls, ...options }: ConnectionOptions): Redis {
  const redis = new Redis({
    host: options.host,
    port: options.port,
    // Later than the timeout of `open`, which tells a Redis that hangs from one that is gone.
    connectTimeout: 2 * options.connectTimeoutMs,
    // How long a closed socket may wait for the other end to close too.
    disconnectTimeout: 100,
    lazyConnect: true,
    // Commands to a Redis that is gone must fail, not wait: the next decision may be another one.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    // A Redis that is loading has to be reachable too.
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    noDelay: true,
    keepAlive: 10_000,
    // The chain is checked, the name is not: this is the loopback of the own pod, which leads to no
    // other machine, and certificates that people bring name the Services but seldom `localhost`.
    ...(tls === undefined ? {} : { tls: { ...tls, checkServerIdentity: () => undefined } }),
  });
  // Without a listener each error would be printed; what it leads to is seen as a close.
  redis.on('error', () => undefined);
  return redis;
}

/** Resolves to why the connection failed, `null` when it stands. */
async function connected(redis: Redis): Promise<OpenResult | null> {
  const causes: (Error & { readonly code?: unknown })[] = [];
  redis.once('error', (error: Error) => causes.push(error));
  try {
    await redis.connect();
    return null;
  } catch (error) {
    const message = messageOf(causes[0] ?? error);
    // Only this proves that no process is there; our own lack of something is no crash of Redis.
    const isProof = causes[0]?.code === 'ECONNREFUSED';
    return isProof ? { kind: 'closed', cause: message } : { kind: 'refused', message };
  }
}

async function greet(redis: Redis, options: ConnectionOptions): Promise<OpenResult> {
  const { password, commandTimeoutMs } = options;
  const auth: readonly Command[] = password === null ? [] : [['AUTH', password]];
  const greeting: readonly Command[] = [
    ...auth,
    ['CLIENT', 'SETNAME', options.name],
    // Redis closes the fattest clients when maxmemory-clients is reached: never this one.
    ['CLIENT', 'NO-EVICT', 'ON'],
    ['INFO', 'server'],
  ];
  const timeoutMs = options.connectTimeoutMs;
  const result = await exchange(redis, greeting, { timeoutMs, atomic: false });
  if (result.kind === 'closed') return { kind: 'refused', message: closesNewConnections };
  if (result.kind === 'timeout') return result;
  const refused = result.replies.find((reply) => reply.kind === 'refused' && !isHarmless(reply));
  if (refused?.kind === 'refused') return { kind: 'refused', message: refused.message };
  const last = result.replies.at(-1);
  const text = last?.kind === 'value' && typeof last.value === 'string' ? last.value : '';
  const runId = /^run_id:(\S+)/m.exec(text)?.[1];
  if (runId === undefined) return { kind: 'refused', message: 'INFO server names no run_id' };
  return { kind: 'open', connection: RedisConnection.greeted(redis, runId, commandTimeoutMs) };
}

/** A password where none is asked for: somebody removed `requirepass` by hand. Redis serves us. */
function isHarmless(reply: { readonly message: string }): boolean {
  return reply.message.includes('without any password configured');
}

interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly atomic: boolean;
}

async function exchange(
  redis: Redis,
  commands: readonly Command[],
  { timeoutMs, atomic }: ExchangeOptions,
): Promise<RunResult> {
  if (redis.status !== 'ready') return { kind: 'closed' };
  const calls = commands.map((command) => ['call', ...command]);
  const pipeline = atomic ? redis.multi(calls) : redis.pipeline(calls);
  const answers = await within(pipeline.exec().catch(asRefusal), timeoutMs);
  if (answers === 'timeout') return { kind: 'timeout' };
  if (answers === null) return { kind: 'closed' };
  if (!Array.isArray(answers)) return { kind: 'answered', replies: commands.map(() => answers) };
  const replies = answers.map(([error, value]) => toReply(error, value));
  const isCut = replies.some((reply) => reply === null);
  return isCut
    ? { kind: 'closed' }
    : { kind: 'answered', replies: replies.filter((r) => r !== null) };
}

/** EXEC as a whole was refused (`EXECABORT`, `NOAUTH`), or the connection closed: then `null`. */
function asRefusal(error: unknown): Reply | null {
  return toReply(error instanceof Error ? error : new Error(String(error)), null);
}

function toReply(error: Error | null, value: unknown): Reply | null {
  if (error === null) return { kind: 'value', value };
  return error.name === 'ReplyError' ? { kind: 'refused', message: error.message } : null;
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'timeout');
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
