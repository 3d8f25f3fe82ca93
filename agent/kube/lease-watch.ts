import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Lease } from '@kubernetes/client-node';
import { messageOf } from '../errors.ts';
import type { CallFailure, KubeClient } from './client.ts';
import { parseLease } from './lease-object.ts';
import type { LeaseName } from './lease-store.ts';

/** What a watch needs, and whom it tells. */
export interface LeaseWatchOptions {
  readonly client: KubeClient;
  readonly where: LeaseName;
  /** Without a word from the watch for so long, it is asked whether it still is one. Milliseconds. */
  readonly silenceMs: number;
  /** A Lease as the server has it. May repeat, and may run behind. */
  readonly onLease: (lease: V1Lease) => void;
  /** The server has none in that version of its history. May repeat, and may run behind. */
  readonly onAbsence: (version: string) => void;
  /** A read leaves now. What is read beside it, over another connection, keeps that one warm too. */
  readonly onRead: () => void;
  /** The server answered just now. */
  readonly onAlive: () => void;
  /** The server did not answer, or refused. The watch goes on trying. */
  readonly onFailure: (failure: CallFailure) => void;
}

/** After attempts that ended soon: the first again at once, the later ones not too late. */
const retryMs = [0, 50, 100, 200, 400, 800] as const;

/** An attempt that lasted so long needs no pause before the next one. */
const shortAttemptMs = 1000;

/** The server ends a watch after this, so that none lives on forgotten. */
const watchSeconds = 600;

/** An event holds one Lease, which is some kilobytes; what does not end was not sent by the server. */
const eventMaxCharacters = 1024 * 1024;

/**
 * The connection on which a new leader will write is closed by the server after 90 s without use.
 * One read in a while keeps it warm: a TLS handshake in the midst of a failover costs 10 ms.
 */
const keepWarmMs = 45_000;

/**
 * Follows one Lease by list and watch, for ever.
 *
 * A watch can stall without a sign: a machine between drops the connection, or the server's cache
 * hangs. While there is a leader its renewals come through, so silence is a hint and no proof; then
 * the Lease is read, and when that read knows more than the watch, or fails, the watch begins anew.
 */
export class LeaseWatch {
  readonly #options: LeaseWatchOptions;
  readonly #ending = new AbortController();
  #attempt = new AbortController();
  #shortAttempts = 0;
  /** Where in the server's history the list was taken. */
  #listedAt = '';
  /** Version of the Lease that the watch knows, `null` when it knows of none. */
  #watchedRevision: string | null = null;
  #lastWordMs = 0;
  #lastReadMs = 0;
  #checkTimer: NodeJS.Timeout | undefined;

  /** Does nothing until `start`. */
  constructor(options: LeaseWatchOptions) {
    this.#options = options;
  }

  /** Begins, and goes on until `end`. */
  start(): void {
    void this.#run();
  }

  /** Closes the watch for good. */
  end(): void {
    this.#ending.abort();
    this.#attempt.abort();
    clearTimeout(this.#checkTimer);
  }

  async #run(): Promise<void> {
    while (!this.#hasEnded()) {
      this.#attempt = new AbortController();
      const begunMs = performance.now();
      await this.#listAndWatch(this.#attempt.signal);
      this.#attempt.abort();
      clearTimeout(this.#checkTimer);
      const isShort = performance.now() - begunMs < shortAttemptMs;
      this.#shortAttempts = isShort ? this.#shortAttempts + 1 : 0;
      await this.#pause();
    }
  }

  #hasEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  async #listAndWatch(signal: AbortSignal): Promise<void> {
    const listed = await this.#read();
    if (listed === null) return;
    this.#watchedRevision = revisionOf(listed);
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: this.#listedAt };
    const path = this.#path({ ...query, timeoutSeconds: String(watchSeconds) });
    const opened = await this.#options.client.stream(path, { signal });
    if (opened.kind !== 'ok') {
      this.#fail(opened);
      return;
    }
    this.#hearWord();
    await this.#consume(opened.value);
  }

  /** Lists what there is, and tells it. `null` when that failed. */
  async #read(): Promise<WireList | null> {
    const reading = this.#options.client.request({ method: 'GET', path: this.#path({}) });
    this.#options.onRead();
    const result = await reading;
    if (this.#hasEnded()) return null;
    if (result.kind !== 'ok') {
      this.#fail(result);
      return null;
    }
    const list = result.value as WireList;
    this.#lastReadMs = performance.now();
    this.#listedAt = list.metadata?.resourceVersion ?? '';
    const [object] = list.items ?? [];
    if (object === undefined) this.#tellAbsence(this.#listedAt);
    else this.#tell(object);
    return list;
  }

  /** Resolves when the stream is over, for whatever cause. */
  async #consume(stream: IncomingMessage): Promise<void> {
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.once('error', (error) => {
        if (!this.#attempt.signal.aborted) {
          this.#fail({ kind: 'unreachable', cause: messageOf(error) });
        }
      });
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        const goesOn = lines.every((line) => this.#take(eventIn(line)));
        if (!goesOn || rest.length > eventMaxCharacters) stream.destroy();
      });
    });
  }

  /** @returns whether the watch goes on. */
  #take(event: WireEvent): boolean {
    if (this.#hasEnded()) return false;
    this.#hearWord();
    const version = event.object?.metadata?.resourceVersion;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#watchedRevision = version ?? null;
        return this.#tell(event.object);
      case 'DELETED':
        // It bears the version in which it ceased to be.
        this.#watchedRevision = null;
        if (version !== undefined) this.#tellAbsence(version);
        return version !== undefined;
      case 'BOOKMARK':
        this.#options.onAlive();
        return true;
      default:
        // `ERROR`: mostly 410, the version that we stand at is forgotten. A new list helps.
        return false;
    }
  }

  /** @returns whether it was a Lease. */
  #tell(object: unknown): boolean {
    this.#options.onAlive();
    const lease = parseLease(object);
    if (lease !== null) this.#options.onLease(lease);
    return lease !== null;
  }

  #tellAbsence(version: string): void {
    this.#options.onAlive();
    this.#options.onAbsence(version);
  }

  #hearWord(): void {
    this.#lastWordMs = performance.now();
    this.#planCheck();
  }

  #planCheck(): void {
    clearTimeout(this.#checkTimer);
    const nowMs = performance.now();
    const warmMs = this.#lastReadMs + keepWarmMs - nowMs;
    this.#checkTimer = setTimeout(
      () => {
        void this.#check(this.#attempt);
      },
      Math.max(0, Math.min(this.#options.silenceMs, warmMs)),
    );
  }

  /** Reads the Lease beside the watch. When that fails, or the watch has missed it, it is begun anew. */
  async #check(attempt: AbortController): Promise<void> {
    const isSilent = performance.now() - this.#lastWordMs >= this.#options.silenceMs;
    const list = await this.#read();
    if (attempt.signal.aborted) return;
    if (list === null || (isSilent && revisionOf(list) !== this.#watchedRevision)) attempt.abort();
    else this.#planCheck();
  }

  #fail(failure: CallFailure): void {
    if (!this.#hasEnded()) this.#options.onFailure(failure);
  }

  async #pause(): Promise<void> {
    const waitMs = retryMs[Math.min(this.#shortAttempts, retryMs.length - 1)] ?? 0;
    if (waitMs === 0 || this.#hasEnded()) return;
    // Cut short where the watch ends.
    await sleep(waitMs, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }

  #path(query: Readonly<Record<string, string>>): string {
    const { namespace, name } = this.#options.where;
    const selector = { fieldSelector: `metadata.name=${name}` };
    const parameters = new URLSearchParams({ ...selector, ...query });
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
    return `${leases}?${parameters.toString()}`;
  }
}

interface WireObject {
  readonly metadata?: { readonly resourceVersion?: string };
}

interface WireList extends WireObject {
  readonly items?: readonly WireObject[];
}

interface WireEvent {
  readonly type?: string;
  readonly object?: WireObject;
}

function revisionOf(list: WireList): string | null {
  return list.items?.[0]?.metadata?.resourceVersion ?? null;
}

/** What is no event is treated like an error of the server. */
function eventIn(line: string): WireEvent {
  try {
    return JSON.parse(line) as WireEvent;
  } catch {
    return { type: 'ERROR' };
  }
}
