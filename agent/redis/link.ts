import type { MonotonicMs } from '../core/units.ts';
import { messageOf } from '../errors.ts';
import type { TlsMaterial } from '../tls.ts';
import { RedisConnection, closesNewConnections } from './connection.ts';
import type { Command, CommandRunner, OpenResult, RunResult } from './connection.ts';
import { readPassword, type Password } from './password.ts';

/** How the link to the own Redis stands. `atMs` is when it came to be so. */
export type LinkState =
  /** It answers. `runId` names the process: another one than before has been restarted meanwhile. */
  | { readonly kind: 'up'; readonly atMs: MonotonicMs; readonly runId: string }
  /** The process is gone: its sockets closed, and nobody listens. */
  | { readonly kind: 'down'; readonly atMs: MonotonicMs; readonly cause: string }
  /** The process is there and has not answered for the beat timeout. */
  | { readonly kind: 'hung'; readonly atMs: MonotonicMs; readonly runId: string | null }
  /** Redis answers and will not serve us, as with a wrong password. */
  | { readonly kind: 'refused'; readonly atMs: MonotonicMs; readonly message: string };

/** What a link needs to know. All durations in milliseconds. */
export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** Read anew for every connection, so that a rotated password is found. `null`: no password. */
  readonly passwordFile: string | null;
  /** Asked when that one is refused: those that Redis may still have while it is being changed. */
  readonly formerPasswords?: () => Promise<readonly Password[]>;
  /** Asked anew for every connection, so that a renewed certificate counts. Absent: no TLS. */
  readonly tls?: () => TlsMaterial;
  /** B: how long a PING may stay unanswered. */
  readonly beatTimeoutMs: number;
  /** For commands that name no timeout of their own. */
  readonly commandTimeoutMs: number;
  readonly now: () => MonotonicMs;
  /** Called at each change of the state, never with the same state twice in a row. */
  readonly onState: (state: LinkState) => void;
}

/** From one PING to the next. */
const beatPeriodMs = 250;
/** Between two attempts to connect. The first follows a close at once. */
const retryPeriodMs = 50;
/** A process that dies closes what it has served before it stops to listen; both within this time. */
const dyingMs = 5;
/** For TCP and greeting: on the loopback both take less than a millisecond. */
const connectTimeoutMs = 1000;

type Lane = 'command' | 'beat';

/**
 * The agent's hold on its own Redis: two connections that are always open. When both have closed
 * and nobody listens any more, the process is gone; that is seen in about two milliseconds. A close
 * alone proves nothing: somebody may have killed all clients, as `demote` does with the beat's.
 */
export class Link implements CommandRunner {
  readonly #options: LinkOptions;
  readonly #lanes: Record<Lane, RedisConnection | null> = { command: null, beat: null };
  #state: LinkState;
  #hasEnded = false;
  #beatTimer: NodeJS.Timeout | undefined;
  #turnedAtMs: MonotonicMs;
  /** Since the last answer to a PING; time in which this process stood still is left out. */
  #silentMs = 0;
  #isAwaitingAnswer = false;
  /** When the last connection closed; `null` before the first one stood. */
  #lostAtMs: MonotonicMs | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#turnedAtMs = options.now();
    this.#state = { kind: 'down', atMs: options.now(), cause: 'not yet connected' };
  }

  /** How it stands now. Starts as `down`. */
  get state(): LinkState {
    return this.#state;
  }

  /** Begins to connect, and does so again for ever until `end`. */
  start(): void {
    void this.#keepOpen('command');
    void this.#keepOpen('beat');
    this.#turnBeat();
  }

  /** Closes both connections for good. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#beatTimer);
    this.#lanes.command?.close();
    this.#lanes.beat?.close();
  }

  run(commands: readonly Command[], timeoutMs?: number): Promise<RunResult> {
    return this.#held()?.run(commands, timeoutMs) ?? closed();
  }

  runAtomic(commands: readonly Command[], timeoutMs?: number): Promise<RunResult> {
    return this.#held()?.runAtomic(commands, timeoutMs) ?? closed();
  }

  async #keepOpen(lane: Lane): Promise<void> {
    while (!this.#hasEnded) {
      const connection = await this.#open(lane);
      if (connection === null) await sleep(retryPeriodMs);
      else await this.#hold(lane, connection);
    }
  }

  async #open(lane: Lane): Promise<RedisConnection | null> {
    const first = await this.#tryOpen(lane);
    const result = isCutOff(first) ? await sleep(dyingMs).then(() => this.#tryOpen(lane)) : first;
    if (this.#hasEnded) {
      if (result.kind === 'open') result.connection.close();
      return null;
    }
    if (result.kind === 'open') return result.connection;
    // As long as the other lane stands the process lives, whatever ails this attempt.
    if (this.#held() === null) this.#become(this.#stateWithout(result));
    return null;
  }

  #tryOpen(lane: Lane): Promise<OpenResult> {
    return this.openAnother(lane === 'command' ? 'regent' : 'regent-beat');
  }

  /** Opens a connection of its own to the same Redis; the caller closes it. Never rejects. */
  async openAnother(name: string): Promise<OpenResult> {
    const { passwordFile, formerPasswords } = this.#options;
    try {
      if (passwordFile === null) return await this.#openWith(name, null);
      const result = await this.#openWith(name, await readPassword(passwordFile));
      if (formerPasswords === undefined || !isWrongPassword(result)) return result;
      for (const former of await formerPasswords()) {
        const other = await this.#openWith(name, former);
        if (other.kind === 'open') return other;
      }
      return result;
    } catch (error) {
      return { kind: 'refused', message: messageOf(error) };
    }
  }

  #openWith(name: string, password: Password | null): Promise<OpenResult> {
    const { host, port, tls, commandTimeoutMs } = this.#options;
    const where = { host, port, name, password, ...(tls === undefined ? {} : { tls: tls() }) };
    return RedisConnection.open({ ...where, connectTimeoutMs, commandTimeoutMs });
  }

  #stateWithout(result: Exclude<OpenResult, { kind: 'open' }>): LinkState {
    const atMs = this.#options.now();
    switch (result.kind) {
      case 'closed':
        return { kind: 'down', atMs: this.#lostAtMs ?? atMs, cause: result.cause };
      case 'timeout':
        return { kind: 'hung', atMs, runId: this.#runId() };
      case 'refused':
        return { kind: 'refused', atMs, message: result.message };
    }
  }

  /** Resolves when the connection has closed. */
  async #hold(lane: Lane, connection: RedisConnection): Promise<void> {
    this.#lanes[lane] = connection;
    this.#restartBeat();
    this.#meet(connection.runId);
    await new Promise<void>((resolve) => {
      connection.onClose(resolve);
    });
    const atMs = this.#options.now();
    this.#lanes[lane] = null;
    this.#restartBeat();
    if (this.#held() === null) this.#lostAtMs = atMs;
  }

  /** It answers. A process other than the one before means that that one has ended. */
  #meet(runId: string): void {
    const known = this.#runId();
    const atMs = this.#options.now();
    if (known !== null && known !== runId) {
      this.#become({ kind: 'down', atMs, cause: 'another process listens' });
    }
    this.#become({ kind: 'up', atMs, runId });
  }

  #runId(): string | null {
    return 'runId' in this.#state ? this.#state.runId : null;
  }

  /** The connection for commands, the other one in its place, or none. */
  #held(): RedisConnection | null {
    const { command, beat } = this.#lanes;
    if (command?.isOpen === true) return command;
    return beat?.isOpen === true ? beat : null;
  }

  #become(state: LinkState): void {
    if (this.#hasEnded || isSame(this.#state, state)) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #restartBeat(): void {
    this.#silentMs = 0;
    this.#isAwaitingAnswer = false;
  }

  /** One turn of the beat: count the silence, and ask when nothing is being waited for. */
  #turnBeat(): void {
    const nowMs = this.#options.now();
    const { beatTimeoutMs } = this.#options;
    // After this process stood still the time until now says nothing about Redis.
    this.#silentMs += Math.min(nowMs - this.#turnedAtMs, 2 * beatPeriodMs);
    this.#turnedAtMs = nowMs;
    if (!this.#isAwaitingAnswer) void this.#ping();
    // Sockets are read between a timer and what it sets immediate: an answer that has arrived counts.
    if (this.#silentMs >= beatTimeoutMs) {
      setImmediate(() => {
        this.#concludeSilence();
      });
    }
    const leftMs = beatTimeoutMs - this.#silentMs;
    const nextMs = leftMs > 0 ? Math.min(beatPeriodMs, leftMs) : beatPeriodMs;
    this.#beatTimer = setTimeout(() => {
      this.#turnBeat();
    }, nextMs);
  }

  #concludeSilence(): void {
    if (this.#silentMs < this.#options.beatTimeoutMs || this.#held() === null) return;
    this.#become({ kind: 'hung', atMs: this.#options.now(), runId: this.#runId() });
  }

  async #ping(): Promise<void> {
    const { beat } = this.#lanes;
    const connection = beat?.isOpen === true ? beat : this.#held();
    if (connection === null) {
      this.#silentMs = 0;
      return;
    }
    this.#isAwaitingAnswer = true;
    // Without an end on purpose: the turns of the beat count the silence, not this promise.
    const result = await connection.run([['PING']], endlessMs);
    // A lane that closed meanwhile has begun the count anew.
    if (result.kind !== 'answered' || !connection.isOpen) return;
    this.#isAwaitingAnswer = false;
    const [reply] = result.replies;
    // A script that does not end blocks everybody else: that is no better than no answer.
    if (reply?.kind === 'refused' && reply.message.startsWith('BUSY')) return;
    this.#silentMs = 0;
    this.#meet(connection.runId);
  }
}

/** The longest that a timer of Node waits: 24 days. */
const endlessMs = 2 ** 31 - 1;

function isCutOff(result: OpenResult): boolean {
  return result.kind === 'refused' && result.message === closesNewConnections;
}

function isWrongPassword(result: OpenResult): boolean {
  return result.kind === 'refused' && result.message.startsWith('WRONGPASS');
}

function closed(): Promise<RunResult> {
  return Promise.resolve({ kind: 'closed' });
}

function isSame(a: LinkState, b: LinkState): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'up' && b.kind === 'up') return a.runId === b.runId;
  if (a.kind === 'refused' && b.kind === 'refused') return a.message === b.message;
  return true;
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
