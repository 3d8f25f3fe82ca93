import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from '../../agent/redis/connection.ts';
import type { Reply } from '../../agent/redis/connection.ts';

/** The server to test with, e.g. `valkey-server`. */
const executable = process.env['REDIS_SERVER'] ?? 'redis-server';

/** A redis-server of this machine, on a port and in a folder of its own. */
export class RedisProcess {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly #settings: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, settings: readonly string[], host = '127.0.0.1') {
    this.host = host;
    this.port = port;
    this.#settings = settings;
    this.folder = mkdtempSync(join(tmpdir(), 'regent-redis-'));
  }

  /** Starts a server and waits until it listens. `settings` as on its command line. */
  static async start(...settings: string[]): Promise<RedisProcess> {
    const started = new RedisProcess(await freePort(), settings);
    await started.startAgain();
    return started;
  }

  /** The same on a loopback address and a port of the caller's choice: a set shares its port. */
  static async startAt(host: string, port: number, ...settings: string[]): Promise<RedisProcess> {
    const started = new RedisProcess(port, ['--bind', host, ...settings], host);
    await started.startAgain();
    return started;
  }

  /** A port and a folder for a server that `startWith` starts. */
  static async prepare(): Promise<RedisProcess> {
    return new RedisProcess(await freePort(), []);
  }

  /** Starts it on the same port and folder as before. */
  async startAgain(): Promise<void> {
    const fixed = ['--port', String(this.port), '--dir', this.folder];
    await this.startWith(...fixed, ...this.#settings);
  }

  /** Starts it with exactly these arguments, of which the first may be a configuration file. */
  async startWith(...settings: string[]): Promise<void> {
    this.#child = spawn(executable, settings, { stdio: 'ignore' });
    this.#child.on('error', (error) => {
      throw new Error(`${executable} cannot be started: ${error.message}`);
    });
    while (!(await listens(this.host, this.port))) await sleep(5);
  }

  /** Sends a signal, and does not wait for what it does. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /**
   * Hangs it until `goOn`. The signal alone stops nothing yet: a process that waits for its turn goes on
   * to where the signal is taken, and may by then have been handed what was sent to it meanwhile.
   */
  async hang(): Promise<void> {
    this.signal('SIGSTOP');
    await eventually(
      () => stateOf(this.#child?.pid),
      (state) => state === 'T',
    );
  }

  goOn(): void {
    this.signal('SIGCONT');
  }

  /** Kills it as a crash would, and waits until it is gone. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as kubelet does, and waits until it is gone. */
  async terminate(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  /** Ends it and removes what it left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.crash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A client as applications have it; closed with the process. */
  async client(password: string | null = null): Promise<RedisConnection> {
    const result = await RedisConnection.open({
      ...{ host: this.host, port: this.port, name: 'application' },
      password: password === null ? null : Buffer.from(password),
      ...{ connectTimeoutMs: 5000, commandTimeoutMs: 20_000 },
    });
    if (result.kind !== 'open') throw new Error(`no client: ${JSON.stringify(result)}`);
    return result.connection;
  }
}

/** Sends one command; the value or the refusal as text, `closed` or `timeout` when unanswered. */
export async function ask(
  connection: RedisConnection,
  name: string,
  ...args: (string | number)[]
): Promise<string> {
  const result = await connection.run([[name, ...args]]);
  if (result.kind !== 'answered') return result.kind;
  return text(result.replies[0]!);
}

/** Waits until `condition` holds, or fails with what it last saw. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  condition: (seen: Awaited<T>) => boolean,
): Promise<Awaited<T>> {
  const untilMs = performance.now() + 20_000;
  for (;;) {
    const seen = await look();
    if (condition(seen)) return seen;
    if (performance.now() > untilMs) throw new Error(`last seen: ${JSON.stringify(seen)}`);
    await sleep(10);
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function text(reply: Reply): string {
  return reply.kind === 'refused' ? reply.message : String(reply.value);
}

/** The letter of the state of a process: proc_pid_stat(5). */
function stateOf(pid: number | undefined): string | undefined {
  if (pid === undefined) return undefined;
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}

async function listens(host: string, port: number): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
