import type { IncomingMessage } from 'node:http';
import {
  ApiException,
  createConfiguration,
  KubeConfig,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
  type Configuration,
  type ConfigurationOptions,
  type RequestContext,
} from '@kubernetes/client-node';
import { AgentError, messageOf } from '../errors.ts';
import { Transport, type ApiAnswer } from './transport.ts';

/** What became of a request to the API server. */
export type CallResult<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** Somebody else changed or created the object first. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'absent' }
  /** The server understood and will not: no permission, or an invalid object. Asking again is vain. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** No usable answer. A write may have been carried out nevertheless. */
  | { readonly kind: 'unreachable'; readonly cause: string };

/** The outcomes of a request that are no success. */
export type CallFailure = Exclude<CallResult<never>, { kind: 'ok' }>;

/** Bounds of one request. */
export interface CallLimits {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A request without an API class: some of these are larger than all the rest of the agent. */
export interface PlainRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Begins with `/`. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** How often who may be named: the API server keeps it in its audit log. */
const userAgent = 'regent';

/**
 * The Kubernetes API: client-node's configuration and classes over our own transport, which gives
 * each request a deadline, and leaves out the HTTP stack that is four fifths of client-node.
 */
export class KubeClient {
  readonly #transport: Transport;
  readonly #timeoutMs: number;
  readonly #configuration: Configuration;

  private constructor(transport: Transport, server: string, timeoutMs: number) {
    this.#transport = transport;
    this.#timeoutMs = timeoutMs;
    this.#configuration = createConfiguration({
      baseServer: new ServerConfiguration(server, {}),
      httpApi: this.#library({}),
    });
  }

  /**
   * @param kubeconfig a file, or `null` for the service account of the pod.
   * @param timeoutMs q: for requests that name no timeout of their own.
   * @throws AgentError `kube-access` when there are no usable credentials.
   */
  static async load(kubeconfig: string | null, timeoutMs: number): Promise<KubeClient> {
    const transport = new Transport(() => loadConfig(kubeconfig));
    return new KubeClient(transport, await transport.server(), timeoutMs);
  }

  /** An API class of client-node that talks through this client. */
  api<T>(Api: new (configuration: Configuration) => T): T {
    return new Api(this.#configuration);
  }

  /** Calls a method of an API class: pass it the options, and its promise becomes a value. */
  async call<T>(
    method: (options: ConfigurationOptions) => Promise<T>,
    limits: CallLimits = {},
  ): Promise<CallResult<T>> {
    try {
      return { kind: 'ok', value: await method({ httpApi: this.#library(limits) }) };
    } catch (error) {
      if (error instanceof ApiException) return failureOf(error.code, textOf(error.body));
      return { kind: 'unreachable', cause: messageOf(error) };
    }
  }

  /** A request without an API class. The value is parsed JSON, and nobody has checked it. */
  async request(request: PlainRequest, limits: CallLimits = {}): Promise<CallResult<unknown>> {
    const { method, path, body, contentType = 'application/json' } = request;
    try {
      const answer = await this.#transport.send({
        method,
        url: path,
        headers: headersWith(body === undefined ? {} : { 'content-type': contentType }),
        body: body === undefined ? null : JSON.stringify(body),
        timeoutMs: limits.timeoutMs ?? this.#timeoutMs,
        signal: limits.signal,
      });
      return isSuccess(answer) ? parsed(answer.body) : failureOf(answer.status, answer.body);
    } catch (error) {
      return { kind: 'unreachable', cause: messageOf(error) };
    }
  }

  /** Opens a stream, as of a watch. `signal` ends it, also after it has begun. */
  async stream(path: string, limits: CallLimits = {}): Promise<CallResult<IncomingMessage>> {
    try {
      const timeoutMs = limits.timeoutMs ?? this.#timeoutMs;
      const request = { method: 'GET', url: path, headers: headersWith({}), body: null };
      const message = await this.#transport.open({ ...request, timeoutMs, signal: limits.signal });
      const status = message.statusCode ?? 0;
      limits.signal?.addEventListener('abort', () => message.destroy(), { once: true });
      if (status === 200) return { kind: 'ok', value: message };
      message.destroy();
      return failureOf(status, `HTTP ${status}`);
    } catch (error) {
      return { kind: 'unreachable', cause: messageOf(error) };
    }
  }

  #library(limits: CallLimits): ReturnType<typeof wrapHttpLibrary> {
    return wrapHttpLibrary({
      send: async (context: RequestContext): Promise<ResponseContext> => {
        const body = context.getBody();
        const answer = await this.#transport.send({
          method: context.getHttpMethod(),
          url: context.getUrl(),
          headers: headersWith(context.getHeaders()),
          body: typeof body === 'string' ? body : null,
          timeoutMs: limits.timeoutMs ?? this.#timeoutMs,
          signal: limits.signal,
        });
        return contextOf(answer);
      },
    });
  }
}

function loadConfig(kubeconfig: string | null): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === null) {
    if (process.env['KUBERNETES_SERVICE_HOST'] === undefined) {
      throw new AgentError('kube-access', 'not in a pod: KUBERNETES_SERVICE_HOST is not set');
    }
    config.loadFromCluster();
    return config;
  }
  try {
    config.loadFromFile(kubeconfig);
  } catch (error) {
    const message = `kubeconfig '${kubeconfig}' cannot be used: ${messageOf(error)}`;
    throw new AgentError('kube-access', message, error);
  }
  return config;
}

function headersWith(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { 'accept': 'application/json', 'user-agent': userAgent, ...headers };
}

function contextOf({ status, headers, body }: ApiAnswer): ResponseContext {
  return new ResponseContext(
    status,
    { ...headers },
    {
      text: () => Promise.resolve(body),
      binary: () => Promise.resolve(Buffer.from(body)),
      stream: () => null,
    },
  );
}

function isSuccess({ status }: ApiAnswer): boolean {
  return status >= 200 && status < 300;
}

function parsed(body: string): CallResult<unknown> {
  try {
    return { kind: 'ok', value: JSON.parse(body) };
  } catch {
    return { kind: 'unreachable', cause: 'the answer is not JSON' };
  }
}

/** 429 and 5xx pass; all other refusals stay until somebody changes something. */
function failureOf(status: number, body: string): CallFailure {
  if (status === 409) return { kind: 'conflict' };
  if (status === 404) return { kind: 'absent' };
  const message = statusMessage(body);
  if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
    return { kind: 'refused', status, message };
  }
  return { kind: 'unreachable', cause: `HTTP ${status}: ${message}` };
}

/** The API server explains a refusal with a Status object. */
function statusMessage(body: string): string {
  try {
    const status = JSON.parse(body) as { readonly message?: unknown } | null;
    if (typeof status?.message === 'string') return status.message;
  } catch {
    // It was not the API server that answered.
  }
  return body.slice(0, 200);
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body ?? '');
}
