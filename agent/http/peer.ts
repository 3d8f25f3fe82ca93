import { Agent, request } from 'node:http';
import { connect } from 'node:tls';
import type { V1Lease } from '@kubernetes/client-node';
import { messageOf } from '../errors.ts';
import type { TlsMaterial } from '../tls.ts';
import { parsePeerState, type PeerState } from './peer-state.ts';

/** What became of a question to a peer. */
export type PeerResult<T> =
  | ({ readonly kind: 'answered' } & T)
  /** It answered, and will not. */
  | { readonly kind: 'refused'; readonly status: number }
  /** It did not answer in time, or with something that no agent says. */
  | { readonly kind: 'unreachable'; readonly cause: string };

/** What a client needs. */
export interface PeerClientOptions {
  readonly port: number;
  /** Reads the secret that peers prove themselves with; `null`: none is set. */
  readonly peerSecret: () => Promise<string | null>;
  /** Asked anew for every connection, so that a renewed certificate counts. Absent: no TLS. */
  readonly tls?: () => TlsMaterial;
}

/** How long a successor may take to say that it has understood. */
const leadTimeoutMs = 1000;
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
    try {
      const body = JSON.stringify({ lease });
      const asked = { method: 'POST', address, path: '/v1/lead', body } as const;
      const { status } = await this.#ask({ ...asked, timeoutMs: leadTimeoutMs });
      return status === 200 ? { kind: 'answered' } : { kind: 'refused', status };
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
      headers: { ...authorization, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(Math.ceil(asked.timeoutMs)),
    });
  }
}

/**
 * Connections that stand are used on after a renewal: while a set takes up new certificates, member
 * by member, they still connect those that do not believe each other yet.
 */
function agentWith(tls: PeerClientOptions['tls']): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, timeout: 60_000 });
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
