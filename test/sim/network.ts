import type { Prng } from './prng.ts';

/** How long things take on the way, and how much is lost. */
export interface NetworkOptions {
  /** Milliseconds, one way; most are near the lower bound. */
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
  /** Share of requests between agents that get lost. */
  readonly lossShare: number;
}

/**
 * Who can send to whom. Places are numbered: the machines of the pods by ordinal, then the API
 * server. A cut is of one direction; several may lie over each other.
 */
export class Network {
  readonly #cuts: Int8Array;
  readonly #places: number;
  #options: NetworkOptions;
  readonly #prng: Prng;
  /** Since when nothing that others send arrives at a place; infinite while something does. */
  readonly #unheardSince: Float64Array;

  constructor(places: number, options: NetworkOptions, prng: Prng) {
    this.#places = places;
    this.#options = options;
    this.#prng = prng;
    this.#cuts = new Int8Array(places * places);
    this.#unheardSince = new Float64Array(places).fill(Infinity);
  }

  /** The API server's place. */
  get api(): number {
    return this.#places - 1;
  }

  /** Whether what is sent now arrives. */
  isOpen(from: number, to: number): boolean {
    return from === to || this.#cuts[from * this.#places + to] === 0;
  }

  /** Whether a connection can be opened: both directions are needed. */
  isConnected(a: number, b: number): boolean {
    return this.isOpen(a, b) && this.isOpen(b, a);
  }

  /** Lays one cut over a direction. */
  cut(from: number, to: number): void {
    this.#cuts[from * this.#places + to]! += 1;
  }

  /** Takes one cut away. */
  mend(from: number, to: number): void {
    this.#cuts[from * this.#places + to]! -= 1;
  }

  /** Since when nobody can be heard at a place; infinitely late while somebody can. */
  unheardSinceMs(place: number): number {
    return this.#unheardSince[place]!;
  }

  /** Cuts have changed, or the places that are in use. */
  noteUnheard(nowMs: number, used: readonly number[]): void {
    for (const to of used) {
      const isHeard = used.some((from) => from !== to && this.isOpen(from, to));
      const sinceMs = this.#unheardSince[to]!;
      this.#unheardSince[to] = isHeard ? Infinity : Math.min(sinceMs, nowMs);
    }
  }

  /** Takes all cuts away. */
  mendAll(): void {
    this.#cuts.fill(0);
  }

  /** Nothing gets lost from now on. */
  calmDown(): void {
    this.mendAll();
    this.#options = {
      ...this.#options,
      delayMaxMs: Math.min(this.#options.delayMaxMs, 50),
      lossShare: 0,
    };
  }

  /** How long the next message is on its way. */
  delayMs(): number {
    const { delayMinMs, delayMaxMs } = this.#options;
    return this.#prng.magnitude(delayMinMs, delayMaxMs);
  }

  /** Whether the next message gets lost. */
  isLost(): boolean {
    return this.#options.lossShare > 0 && this.#prng.chance(this.#options.lossShare);
  }
}
