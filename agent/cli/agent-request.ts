import { request } from 'node:http';
import { AgentError, messageOf } from '../errors.ts';

/** An answer of the agent in this pod. */
export interface AgentAnswer {
  readonly status: number;
  /** Parsed JSON; nobody has checked it. */
  readonly body: unknown;
}

/** A request to the agent in this pod. */
export interface AgentRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly agentPort: number;
  readonly timeoutMs: number;
  readonly body?: unknown;
}

/**
 * Asks the agent that runs in this pod.
 *
 * @throws AgentError `peer-answer` when no agent answers.
 */
export async function askAgent(asked: AgentRequest): Promise<AgentAnswer> {
  const where = `127.0.0.1:${asked.agentPort}`;
  try {
    return await exchange(asked);
  } catch (error) {
    const message = `no agent answers at ${where}: ${messageOf(error)}; is this the agent's container, and --agent-port right?`;
    throw new AgentError('peer-answer', message, error);
  }
}

function exchange({
  method,
  path,
  agentPort,
  timeoutMs,
  body,
}: AgentRequest): Promise<AgentAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const where = { host: '127.0.0.1', port: agentPort, path, method, signal };
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const asking = request({ ...where, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        try {
          resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) });
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The sentence with which the agent refused. */
export function errorIn(body: unknown): string {
  const error: unknown =
    typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'string' ? error : JSON.stringify(body);
}
