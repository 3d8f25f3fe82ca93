import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { performance } from 'node:perf_hooks';
import type { KubeConfig } from '@kubernetes/client-node';
import { AgentError, messageOf } from '../errors.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: string;
  /** Absolute, or beginning with `/` and relative to the server. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole answer; for a stream, until it begins. */
  readonly timeoutMs: number;
  /** Ends the request early. */
  readonly signal?: AbortSignal | undefined;
}

/** A complete answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where the API server is and how to prove who we are; new when a file has changed. */
interface Access {
  readonly server: URL;
  readonly tls: string;
  readonly agent: Agent | PlainAgent;
  readonly authorization: string | null;
  readonly loadedAtMs: number;
}

/**
 * The token of a pod is replaced on disk before it expires, after about 48 minutes; client-go, too,
 * looks at it once a minute. The clock here is monotonic: a clock step must not keep an old token.
 */
const accessMaxAgeMs = 60_000;

/** How long credentials that are to be read again wait for the request that is about to leave. */
const renewDelayMs = 200;

/** How many kept connections may turn out to be closed before a request has failed. */
const staleTriesMax = 2;

/** A Lease is 2 KiB; whatever is longer than this was not asked for. */
const answerMaxBytes = 4 * 1024 * 1024;

/**
 * HTTP to the API server over `node:https`: connections are kept, each request has a deadline of
 * its own, and a request that misses it takes its connection with it, which may be dead, and the idle
 * ones.
 */
export class Transport {
  readonly #loadConfig: () => KubeConfig;
  #access: Access | null = null;

  /** `loadConfig` is called again whenever the credentials may have changed. */
  constructor(loadConfig: () => KubeConfig) {
    this.#loadConfig = loadConfig;
  }

  /** Where the API server is, e.g. `https://10.96.0.1:443`. */
  async server(): Promise<string> {
    return (await this.#current()).server.href.replace(/\/$/, '');
  }

  /** Sends and reads the whole answer, whatever its status. Rejects when there is none in time. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const answer = await this.#sendOnce(request);
    if (answer.status !== 401) return answer;
    this.#forget();
    return this.#sendOnce(request);
  }

  /** Sends, and resolves with the answer as it begins. The caller reads it, and ends it. */
  async open(request: ApiRequest): Promise<IncomingMessage> {
    const access = await this.#current();
    const { promise, end } = begin(access, request);
    try {
      const message = await promise;
      if (message.statusCode === 401) this.#forget();
      return message;
    } finally {
      end();
    }
  }

  async #sendOnce(request: ApiRequest): Promise<ApiAnswer> {
    for (let triesLeft = staleTriesMax; ; triesLeft -= 1) {
      const { promise, end, outgoing } = begin(await this.#current(), request);
      try {
        return await read(await promise);
      } catch (error) {
        // The server closes connections that were idle for long: it has not seen this request.
        const isStale = outgoing.reusedSocket && codeOf(error) === 'ECONNRESET';
        if (!isStale || triesLeft === 0) throw error;
      } finally {
        end();
      }
    }
  }

  #forget(): void {
    if (this.#access !== null) this.#access = { ...this.#access, loadedAtMs: -Infinity };
  }

  async #current(): Promise<Access> {
    const known = this.#access;
    if (known === null || known.loadedAtMs === -Infinity) return this.#load(known);
    if (performance.now() - known.loadedAtMs >= accessMaxAgeMs) this.#renew(known);
    return known;
  }

  /** After the request that found out: it may be one that a failover waits for, and the old ones still do. */
  #renew(known: Access): void {
    // Not begun twice meanwhile.
    this.#access = { ...known, loadedAtMs: performance.now() };
    setTimeout(() => void this.#load(known), renewDelayMs).unref();
  }

  async #load(known: Access | null): Promise<Access> {
    try {
      this.#access = await accessOf(this.#loadConfig, known);
      return this.#access;
    } catch (error) {
      // A file that is being replaced may be away for a moment; the old credentials may still do.
      if (known !== null) return known;
      throw error;
    }
  }
}

async function accessOf(load: () => KubeConfig, known: Access | null): Promise<Access> {
  const config = load();
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new AgentError('kube-access', 'the kubeconfig names no cluster');
  const options: RequestOptions & Record<string, unknown> = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const cause = messageOf(error);
    throw new AgentError('kube-access', `the Kubernetes credentials are unusable: ${cause}`, error);
  }
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  const tlsOptions = Object.fromEntries(
    Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  );
  const tls = JSON.stringify(tlsOptions);
  const server = new URL(cluster.server);
  const keep = { keepAlive: true, noDelay: true };
  const agent = (): Agent | PlainAgent =>
    server.protocol === 'http:' ? new PlainAgent(keep) : new Agent({ ...keep, ...tlsOptions });
  return {
    server,
    tls,
    agent: known?.tls === tls && known.server.href === server.href ? known.agent : agent(),
    authorization: authorizationIn(options.headers, options.auth),
    loadedAtMs: performance.now(),
  };
}

function authorizationIn(headers: unknown, basic: unknown): string | null {
  if (typeof basic === 'string') return `Basic ${Buffer.from(basic).toString('base64')}`;
  const entries = Object.entries((headers ?? {}) as Record<string, unknown>);
  const found = entries.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  // A token file may end with a newline, which no header may hold.
  return typeof found === 'string' ? found.trim() : null;
}

interface Begun {
  readonly outgoing: ClientRequest;
  readonly promise: Promise<IncomingMessage>;
  /** Ends the deadline. */
  readonly end: () => void;
}

function begin(access: Access, request: ApiRequest): Begun {
  const { timeoutMs, signal, body } = request;
  const url = new URL(request.url, access.server);
  const authorization =
    access.authorization === null ? {} : { authorization: access.authorization };
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const send = url.protocol === 'http:' ? plainRequest : tlsRequest;
  const outgoing = send(url, {
    method: request.method,
    agent: access.agent,
    headers: { ...request.headers, ...length, ...authorization },
    ...(signal === undefined ? {} : { signal }),
  });
  const timer = setTimeout(() => {
    outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`));
    dropIdle(access.agent);
  }, timeoutMs);
  const promise = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
  });
  outgoing.end(body ?? undefined);
  const end = (): void => {
    clearTimeout(timer);
  };
  return { outgoing, promise, end };
}

/**
 * What has ended one connection without a word has ended those beside it: a second try over one of them
 * would be no second try, and a leader has time for two (C1).
 */
function dropIdle({ freeSockets }: Agent | PlainAgent): void {
  for (const sockets of Object.values(freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

async function read(message: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > answerMaxBytes) throw new Error(`an answer of over ${answerMaxBytes} bytes`);
  }
  return {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}
