/**
 * The quantities of the core. An instant carries its clock in its type, so that instants of two
 * clocks cannot be subtracted by mistake.
 */

/** Milliseconds on this process's monotonic clock. Meaningless in any other process. */
export type MonotonicMs = number & { readonly unit: 'monotonic-ms' };

/** Marks a reading of the monotonic clock as such. */
export function monotonic(ms: number): MonotonicMs {
  return ms as MonotonicMs;
}

/** The instant `durationMs` after `instant`. */
export function after(instant: MonotonicMs, durationMs: number): MonotonicMs {
  return monotonic(instant + durationMs);
}

/** The latest of some instants; infinitely early when there are none. */
export function latest(...instants: readonly MonotonicMs[]): MonotonicMs {
  return monotonic(Math.max(...instants));
}

/** The earliest of some instants; infinitely late when there are none. */
export function earliest(...instants: readonly MonotonicMs[]): MonotonicMs {
  return monotonic(Math.min(...instants));
}

/** An instant before all others. */
export const longAgo: MonotonicMs = monotonic(-Infinity);

/** An instant that never comes. */
export const never: MonotonicMs = monotonic(Infinity);

/** A pod by name and UID: a forced replacement can make two pods of one name. */
export interface Member {
  readonly pod: string;
  readonly uid: string;
}

/** A pod that can be named as holder. */
export interface Contender extends Member {
  /** IP address of the pod. */
  readonly address: string;
}

/** Whether two members are the same incarnation of the same pod. */
export function isSame(a: Member, b: Member): boolean {
  return a.pod === b.pod && a.uid === b.uid;
}
