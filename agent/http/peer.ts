import { Agent, request } from 'node:http';
import { connect } from 'node:tls';
import type { V1Lease } from '@kubernetes/client-node';
import type { Member } from '../core/units.ts';
import { isCount } from '../count.ts';
import { messageOf } from '../errors.ts';
import { identityOf } from '../identity.ts';
import type { TlsMaterial } from '../tls.ts';
import { askerHeader } from './asker-header.ts';
import { parsePeerState, type PeerState } from './peer-state.ts';

/** What became of a question to a peer. */
export type PeerResult<T> =
  | ({ readonly kind: 'answered' } & T)
  /** It answered, and will not. */
  | { readonly kind: 'refused'; readonly status: number }
  /** It did not answer in time, or with something that no agent says. */
  | { readonly kind: 'unreachable'; readonly cause: string };

/** The answer to the question for a promise. */
export interface PromiseAnswer extends Member {
  readonly granted: boolean;
  /** The highest term that the member knows. */
  readonly term: number;
}

/** What a client needs. */
export interface PeerClientOptions {
  /** Who asks: a peer hears so that another pod has a name by now. */
  readonly self: Member;
  readonly port: number;
  /** Reads the secret that peers prove themselves with; `null`: none is set. */
  readonly peerSecret: () => Promise<string | null>;
  /** Asked anew for every connection, so that a renewed certificate counts. Absent: no TLS. */
  readonly tls?: () => TlsMaterial;
}

/** How long a peer may take to say that it has understood what it was told. */
const tellTimeoutMs = 1000;
/**
 * Connections to one peer. More than questions can be out that nobody answers: the first one after a
 * network is whole again must not wait for them.
 */
const maxSockets = 16;
/** The longest answer that is read. */
const answerMaxBytes = 65_536;

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly address: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly body?: string;
}

interface Heard {
  readonly status: number;
  readonly text: string;
}

/** Asks other agents. Keeps its connections open: a handshake in a failover is time lost. */
export class PeerClient {
  readonly #options: PeerClientOptions;
  readonly #agent: Agent;

  constructor(options: PeerClientOptions) {
    this.#options = options;
    this.#agent = agentWith(options.tls);
  }

  /** What the agent at `address` says of itself. Never rejects. */
  async state(address: string, timeoutMs: number): Promise<PeerResult<{ state: PeerState }>> {
    try {
      const heard = await this.#ask({ method: 'GET', address, path: '/v1/state', timeoutMs });
      if (heard.status !== 200) return { kind: 'refused', status: heard.status };
      return { kind: 'answered', state: parsePeerState(JSON.parse(heard.text)) };
    } catch (error) {
      return { kind: 'unreachable', cause: messageOf(error) };
    }
  }

  /** Tells the agent at `address` that this Lease, just written, names it. Never rejects. */
  async lead(address: string, lease: V1Lease): Promise<PeerResult<object>> {
    const result = await this.#tell(address, '/v1/lead', { lease });
    return result.kind === 'answered' ? { kind: 'answered' } : result;
  }

  /** Asks the agent at `address` to keep still for the holder of `lease`. Never rejects. */
  async promise(
    address: string,
    lease: V1Lease,
    durationMs: number,
  ): Promise<PeerResult<{ answer: PromiseAnswer }>> {
    const result = await this.#tell(address, '/v1/promise', { lease, durationMs });
    if (result.kind !== 'answered') return result;
    const answer = promiseAnswer(result.said);
    return answer === null
      ? { kind: 'unreachable', cause: `no answer of an agent: ${JSON.stringify(result.said)}` }
      : { kind: 'answered', answer };
  }

  /** Tells the agent at `address`, the holder, whom a person has named. Never rejects. */
  async override(address: string, to: string): Promise<PeerResult<object>> {
    const result = await this.#tell(address, '/v1/override', { to });
    return result.kind === 'answered' ? { kind: 'answered' } : result;
  }

  async #tell(address: string, path: string, body: object): Promise<PeerResult<{ said: unknown }>> {
    const asked = { method: 'POST', address, path, timeoutMs: tellTimeoutMs } as const;
    try {
      const { status, text } = await this.#ask({ ...asked, body: JSON.stringify(body) });
      return status === 200
        ? { kind: 'answered', said: JSON.parse(text) }
        : { kind: 'refused', status };
    } catch (error) {
      return { kind: 'unreachable', cause: messageOf(error) };
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #ask(asked: Asked): Promise<Heard> {
    // Not with a question: addresses are used again, and by strangers too.
    const secret = asked.method === 'GET' ? null : await this.#options.peerSecret();
    const authorization = secret === null ? {} : { authorization: `Bearer ${secret}` };
    return exchange(asked, {
      agent: this.#agent,
      host: asked.address,
      port: this.#options.port,
      method: asked.method,
      path: asked.path,
      headers: {
        ...authorization,
        [askerHeader]: identityOf(this.#options.self),
        'content-type': 'application/json',
      },
      signal: AbortSignal.timeout(Math.ceil(asked.timeoutMs)),
    });
  }
}

function promiseAnswer(said: unknown): PromiseAnswer | null {
  if (typeof said !== 'object' || said === null) return null;
  const { granted, term, pod, uid }: Readonly<Record<string, unknown>> = { ...said };
  if (typeof granted !== 'boolean' || !isCount(term)) return null;
  return typeof pod === 'string' && typeof uid === 'string' ? { granted, term, pod, uid } : null;
}

/**
 * Connections that stand are used on after a renewal: while a set takes up new certificates, member
 * by member, they still connect those that do not believe each other yet.
 */
function agentWith(tls: PeerClientOptions['tls']): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets, timeout: 60_000 });
  if (tls === undefined) return agent;
  agent.createConnection = ({ host, port }: { host: string; port: number }) =>
    // Peers are asked at their IP address, which no certificate names. The chain says that it is one
    // of ours, and the answer itself which one.
    connect({ host, port, ...tls(), checkServerIdentity: () => undefined });
  return agent;
}

function exchange(asked: Asked, options: Parameters<typeof request>[1] & object): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const question = request(options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > answerMaxBytes) question.destroy(new Error('the answer is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    question.setNoDelay(true);
    question.on('error', reject);
    question.end(asked.body);
  });
}
