import type { SetPod } from '../../experiment/redis-set.ts';
import type { ClientRoute } from '../../experiment/workload.ts';

/** A way on which applications come to the primary. */
export interface Way {
  readonly name: 'Service' | 'Sentinel client';
  readonly route: ClientRoute;
}

/** Something that was seen on the way to another primary. */
export interface Phase {
  readonly name: string;
  /** On the clock of the machines. */
  readonly atMs: number;
}

/** A highly available Redis: three pods, and something that chooses the primary. */
export interface System {
  /** As it stands in tables. */
  readonly name: string;
  /** Name of the StatefulSet. */
  readonly statefulSet: string;
  install(): Promise<void>;
  /** Takes it away with its data. */
  remove(): Promise<void>;
  /** How applications come to it. The addresses need no name to be looked up. */
  ways(): Promise<readonly Way[]>;
  pods(): Promise<readonly SetPod[]>;
  /**
   * Waits until one primary leads, all others are in step with it, and who has to tell applications
   * of it does. Resolves with it.
   */
  settled(): Promise<SetPod>;
  /** Waits until nothing at all is left of what has happened to it. Resolves with the primary. */
  whole(): Promise<SetPod>;
  /** Has another Redis made the primary, as somebody who plans it does. */
  switchOver(primary: SetPod): Promise<unknown>;
  /** What its own logs tell of the time since `sinceMs`, the first sighting of each. */
  phases(primary: SetPod, sinceMs: number): Promise<readonly Phase[]>;
}

/** A system that is not whole by now never will be, in milliseconds. */
export const wholeTimeoutMs = 240_000;
/** How often a system that has to become whole is looked at, in milliseconds. */
export const lookMs = 500;
/** Whatever comes round regularly in a system comes round in this time, in milliseconds. */
export const phaseMs = 1500;
