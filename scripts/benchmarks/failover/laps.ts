/** What some work spent its time with, one thing after the other. */
export class Laps {
  readonly #laps: string[] = [];
  readonly #startMs = performance.now();
  #sinceMs = this.#startMs;

  /** Counts all time since the last call, or since the beginning, as spent with `what`. */
  mark(what: string): void {
    const nowMs = performance.now();
    this.#laps.push(`${what} ${seconds(nowMs - this.#sinceMs)}`);
    this.#sinceMs = nowMs;
  }

  /** All of them in one line, and their sum. */
  toString(): string {
    return `${this.#laps.join(', ')}; in all ${seconds(this.#sinceMs - this.#startMs)}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
