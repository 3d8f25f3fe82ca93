/** A write that a pod took: sent at `sentMs`, acknowledged at `atMs`, on one clock. */
export interface Acceptance {
  readonly pod: string;
  readonly sentMs: number;
  readonly atMs: number;
}

/** Two pods that took writes at the same time. */
export interface Rivals {
  readonly first: string;
  readonly second: string;
}

/** Acceptances that are kept of each pod. */
const keptCount = 8;
/** No leader can lose and regain the lead within this time, in milliseconds. */
const returnMs = 1000;

/**
 * Finds two pods that take writes at the same time.
 *
 * One write taken here and the next one there is how the lead moves, even within a millisecond. But
 * a pod that takes a write before and after one that another pod took was writable all the while.
 */
export class Rivalry {
  readonly #kept = new Map<string, Acceptance[]>();

  /** Adds an acceptance, in the order of the acknowledgements. Returns the rivals it shows. */
  add(acceptance: Acceptance): Rivals | null {
    const own = this.#kept.get(acceptance.pod) ?? [];
    const last = own.at(-1);
    this.#kept.set(acceptance.pod, [...own.slice(1 - keptCount), acceptance]);
    if (last === undefined || acceptance.sentMs - last.atMs > returnMs) return null;
    for (const [pod, acceptances] of this.#kept) {
      const isBetween = (other: Acceptance): boolean =>
        other.sentMs > last.atMs && other.atMs < acceptance.sentMs;
      if (pod !== acceptance.pod && acceptances.some(isBetween)) {
        return { first: acceptance.pod, second: pod };
      }
    }
    return null;
  }
}
