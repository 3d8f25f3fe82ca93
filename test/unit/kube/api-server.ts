import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One request as it came in. */
export interface Seen {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
  /** Tells connections apart. */
  readonly port: number | undefined;
}

/**
 * An API server that fails on command: what a real one does only once in a year. How a real one
 * behaves is tested on a real one (test/e2e).
 */
export class FailingApiServer {
  readonly seen: Seen[] = [];
  answer: (seen: Seen, response: ServerResponse) => void = (_seen, response) => {
    response.writeHead(404).end('{}');
  };
  readonly #server: Server;
  readonly tokenFile: string;
  readonly #folder: string;

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'regent-kube-'));
    this.tokenFile = join(this.#folder, 'token');
    this.#server = createServer((request, response) => {
      void this.#take(request, response);
    });
  }

  static async start(): Promise<FailingApiServer> {
    const started = new FailingApiServer();
    await started.listen(0);
    return started;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Stops to listen and cuts all connections. */
  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A kubeconfig for it, with a token from a file, as a pod has it. */
  kubeconfig(): string {
    const file = join(this.#folder, 'kubeconfig');
    const server = `http://127.0.0.1:${this.port}`;
    const tokenFile = { name: 'tokenFile', config: { tokenFile: this.tokenFile } };
    writeFileSync(this.tokenFile, 'first\n');
    writeFileSync(
      file,
      JSON.stringify({
        'clusters': [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
        'users': [{ name: 'u', user: { 'auth-provider': tokenFile } }],
        'contexts': [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    return file;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += chunk as string;
    const seen = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://api'),
      authorization: request.headers.authorization,
      body,
      port: request.socket.remotePort,
    };
    this.seen.push(seen);
    this.answer(seen, response);
  }
}

/** Answers with JSON. */
export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A Lease as the API server writes it. */
export function aLease(revision: number, holder = 'node-0/u0'): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader', namespace: 'default', resourceVersion: String(revision) },
    spec: { holderIdentity: holder, renewTime: '2026-11-20T13:06:26.123000Z' },
  };
}
