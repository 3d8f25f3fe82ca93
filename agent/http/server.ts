import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Member } from '../core/units.ts';
import { memberOf } from '../identity.ts';
import type { TlsMaterial } from '../tls.ts';
import { askerHeader } from './asker-header.ts';

/** What a route is given. */
export interface Question {
  /** The body, parsed as JSON; `null` when there was none. */
  readonly body: unknown;
  /** IP address of who asks. */
  readonly from: string;
  /** The pod that an agent says it asks for; `null` when nobody says so. Anybody may say anything. */
  readonly asker: Member | null;
}

/** What a route answers with. A string is sent as text, anything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One route. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /**
   * Who may ask: anybody; pods of the set and this one, where certificates tell them from others;
   * agents that know the peer secret; or processes of the same pod.
   */
  readonly allows: 'anybody' | 'members' | 'peers' | 'own-pod';
  readonly answer: (question: Question) => Answer | Promise<Answer>;
}

/** What the server needs. */
export interface ServerOptions {
  readonly port: number;
  readonly routes: readonly Route[];
  /** Reads the peer secret anew for each question, so that a rotated one counts; `null`: none is set. */
  readonly peerSecret: () => Promise<string | null>;
  /** Told of a route that threw. */
  readonly onError: (path: string, error: unknown) => void;
}

/** What a server of mutual TLS needs besides. */
export interface TlsServerOptions extends ServerOptions {
  /** Whoever shows no certificate that `ca` vouches for is not heard. */
  readonly tls: TlsMaterial;
  /** Told of those. */
  readonly onRejected: (from: string, cause: string) => void;
}

/** The largest body that is read: a Lease with a full lineage is below 8 KiB. */
const bodyMaxBytes = 65_536;
/** A question has to be complete in this time. */
const questionTimeoutMs = 5000;
/** Longer than the peers' period, so that they keep their connections. */
const keepAliveMs = 30_000;

/** Starts to listen on all interfaces. Rejects when the port is taken. */
export async function listen(options: ServerOptions): Promise<Server> {
  return opened(
    options,
    createServer((question, response) => {
      void serve(options, question, response);
    }),
  );
}

/**
 * The same by mutual TLS. Certificates are replaced with `setSecureContext`: connections that stand
 * go on, new ones get the new.
 */
export async function listenTls({ tls, ...options }: TlsServerOptions): Promise<TlsServer> {
  const limits = { handshakeTimeout: questionTimeoutMs };
  const server = createTlsServer(
    { ...tls, ...limits, requestCert: true, rejectUnauthorized: true },
    (question, response) => {
      void serve(options, question, response);
    },
  );
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    // A certificate that is not believed looks like one who hangs up, but for the reason beside it. An
    // agent hangs up when it has waited long enough; that is no rejection.
    const reason: unknown = socket.authorizationError;
    const isHangUp = error.code === 'ECONNRESET' && typeof reason !== 'string';
    const cause = typeof reason === 'string' ? reason : error.message;
    if (!isHangUp) options.onRejected(socket.remoteAddress ?? 'unknown', cause);
  });
  return opened(options, server);
}

/**
 * Without TLS there is one port for everything, where nobody can tell who belongs to the set. With
 * TLS the agents have a port of their own, and what is left in the clear is for the kubelet, for
 * Prometheus, and for the own pod.
 */
export function routesFor(
  door: 'everybody' | 'own-pod' | 'members',
  routes: readonly Route[],
): readonly Route[] {
  if (door === 'everybody') return routes;
  if (door === 'members') {
    return routes.filter(({ allows }) => allows === 'peers' || allows === 'members');
  }
  return routes
    .filter(({ allows }) => allows !== 'peers')
    .map((route) => (route.allows === 'members' ? { ...route, allows: 'own-pod' } : route));
}

async function opened<S extends Server | TlsServer>(options: ServerOptions, server: S): Promise<S> {
  server.requestTimeout = questionTimeoutMs;
  server.headersTimeout = questionTimeoutMs;
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, resolve);
  });
  return server;
}

/** The port that a server listens on. */
export function portOf(server: Server | TlsServer): number {
  return (server.address() as AddressInfo).port;
}

async function serve(
  options: ServerOptions,
  question: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // What follows the path is for no route; parsing it could fail, and whoever asks writes it.
  const [path = '/'] = (question.url ?? '/').split('?', 1);
  const answer = await answerTo(options, question, path);
  const isText = typeof answer.body === 'string';
  const text = isText ? answer.body : `${JSON.stringify(answer.body)}\n`;
  response.writeHead(answer.status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
    // The rest of a body that was too long must not be taken for the next question.
    ...(question.complete ? {} : { connection: 'close' }),
  });
  response.end(text);
}

/** Never rejects: anybody may ask, so that nothing that is asked may end the process. */
async function answerTo(
  options: ServerOptions,
  question: IncomingMessage,
  path: string,
): Promise<Answer> {
  const there = options.routes.filter((route) => route.path === path);
  const route = there.find((one) => one.method === question.method);
  if (route === undefined) {
    return there.length === 0
      ? refusal(404, 'no such path')
      : refusal(405, `${path} takes ${there.map((one) => one.method).join(', ')}`);
  }
  try {
    if (!(await isAllowed(options, route, question))) return refusal(403, `${path} is not for you`);
    const from = question.socket.remoteAddress ?? '';
    const asker = memberOf(String(question.headers[askerHeader] ?? ''));
    return await route.answer({ body: await bodyOf(question), from, asker });
  } catch (error) {
    if (error instanceof BadBody) return refusal(400, error.message);
    options.onError(path, error);
    return refusal(500, 'the agent failed to answer; its log says why');
  }
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}

async function isAllowed(
  options: ServerOptions,
  { allows }: Route,
  question: IncomingMessage,
): Promise<boolean> {
  if (allows === 'anybody' || allows === 'members') return true;
  if (allows === 'own-pod') return isLoopback(question.socket.remoteAddress ?? '');
  const secret = await options.peerSecret();
  if (secret === null) return true;
  const given = /^Bearer (.+)$/.exec(question.headers.authorization ?? '')?.[1];
  return given !== undefined && isEqual(given, secret);
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Takes as long for a near miss as for a far one. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The one who asks sent something that cannot be read. */
class BadBody extends Error {}

async function bodyOf(question: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of question) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > bodyMaxBytes) throw new BadBody(`the body is longer than ${bodyMaxBytes} bytes`);
  }
  if (bytes === 0) return null;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadBody('the body is not JSON');
  }
}
