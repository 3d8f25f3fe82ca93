/**
 * Everything that one tick knows of the world. It is immutable, and it is all: a decision that
 * needs something else must have it put in here, where the simulator can put it too.
 */
import type { Durability } from './durability.ts';
import type { LeaseRecord } from './lease.ts';
import type { Position } from './lineage.ts';
import type { GivenPromise, Promises } from './promise.ts';
import type { Contender, MonotonicMs } from './units.ts';

/** Who this agent is. */
export interface Self extends Contender {
  /** Number at the end of the pod's name: the last tie-break. */
  readonly ordinal: number;
  /** Lower is preferred, 0 is never promoted: Redis' `replica-priority`. */
  readonly priority: number;
  /**
   * Pods of the set, this one included: as configured, and in the core as the Lease has it (size.ts).
   */
  readonly members: number;
  readonly durability: Durability;
}

/** The Lease as last seen. */
export type LeaseSight =
  | { readonly kind: 'unread' }
  | { readonly kind: 'absent'; readonly seenAtMs: MonotonicMs }
  | {
      readonly kind: 'read';
      readonly record: LeaseRecord;
      /** When this process first saw this revision. */
      readonly seenAtMs: MonotonicMs;
    };

/** The last write of this process that made or kept it the holder, and was confirmed. */
export interface Confirmation {
  readonly term: number;
  /** When the request *left*. Rivals may have seen the change that early. */
  readonly sentAtMs: MonotonicMs;
}

/** The local Redis. */
export type RedisSight =
  | { readonly kind: 'down'; readonly sinceMs: MonotonicMs }
  | { readonly kind: 'hung'; readonly sinceMs: MonotonicMs }
  | { readonly kind: 'loading'; readonly sinceMs: MonotonicMs }
  /** It serves others and refuses this agent: a password changed by hand, no connection left. */
  | { readonly kind: 'refusing'; readonly sinceMs: MonotonicMs }
  | {
      readonly kind: 'up';
      /**
       * This look was answered. Else all below is as it was when the last one was, and commands that were
       * sent since may still be carried out.
       */
      readonly answered: boolean;
      readonly position: Position;
      /** Writes are refused whatever clients do: `min-replicas-to-write` is out of reach. */
      readonly fenced: boolean;
      /** Replicas that a write needs at present: `min-replicas-to-write`. */
      readonly requiredReplicas: number;
      /** Somebody has promoted it since it began, this agent or one before it. */
      readonly wasPromoted: boolean;
      /** Replicas to which writes flow, and that acknowledged something within M seconds. */
      readonly goodReplicas: number;
      /** Bytes that the furthest of its replicas has acknowledged, `null` when it has none. */
      readonly ackedOffset: number | null;
      /** Where it replicates from, `null` for a primary and for a replica of nowhere. */
      readonly source: { readonly address: string; readonly linkUp: boolean } | null;
    };

/** What a peer last said of itself. */
export interface PeerSight extends Contender {
  readonly ordinal: number;
  readonly priority: number;
  /** When its answer came. */
  readonly heardAtMs: MonotonicMs;
  /**
   * When the question left that it answered: what it says was so then, or later. Of an answer that was
   * long on its way only that is known.
   */
  readonly askedAtMs: MonotonicMs;
  /** When the pod of this UID was first heard. */
  readonly metAtMs: MonotonicMs;
  /**
   * When the API server was last asked where the pod of this name is, and said that it is where this one
   * answers; `longAgo` when an address came from elsewhere: another pod may have the name by now.
   */
  readonly foundAtMs: MonotonicMs;
  /** The highest term that it knows. */
  readonly term: number;
  /** It accepts writes in that term. */
  readonly leading: boolean;
  /** `null` while its Redis is down, hung or loading. */
  readonly position: Position | null;
  /**
   * Its Redis receives from nobody, so that an old leader gets no acknowledgement from it, and takes
   * no write itself.
   */
  readonly withdrawn: boolean;
  /** Some leader may count on it to keep still: by a promise, or by one that it may have forgotten. */
  readonly bound: boolean;
  /** Its pod or its agent is going away. */
  readonly stopping: boolean;
}

/** One question to every peer at once. */
export interface Inquiry {
  readonly askedAtMs: MonotonicMs;
  /** Pods that it takes for the set's: all but this one were asked. */
  readonly members: number;
  /** All have answered, or had their time. */
  readonly done: boolean;
}

/** The StatefulSet as last read. */
export interface ScaleSight {
  /** Pods that it is to have. */
  readonly members: number;
  /** When the question left. */
  readonly askedAtMs: MonotonicMs;
}

/** Requests from people and from the kubelet. */
export interface Requests {
  /** The pod is going away (preStop), or the agent was told to stop (SIGTERM). */
  readonly stop: 'pod' | 'agent' | null;
  /** Somebody wants another leader; `to` is a pod's name, or `null` for the best. */
  readonly switchover: { readonly to: string | null; readonly atMs: MonotonicMs } | null;
  /** A person names the next leader, whatever its data: by its pod's name. */
  readonly override: { readonly to: string; readonly atMs: MonotonicMs } | null;
  /** A person stops failovers (`true`) or allows them again (`false`). */
  readonly pause: boolean | null;
}

/** Nobody asks for anything. */
export const noRequests: Requests = { stop: null, switchover: null, override: null, pause: null };

/** The EndpointSlice of the leader Service. */
export interface RouteSight {
  readonly term: number;
  readonly address: string | null;
}

/** One tick's knowledge. */
export interface Observation {
  readonly nowMs: MonotonicMs;
  readonly lease: LeaseSight;
  readonly confirmed: Confirmation | null;
  /** When the last request to the API server failed; `null` when it did not. */
  readonly leaseFailedAtMs: MonotonicMs | null;
  readonly redis: RedisSight;
  readonly peers: readonly PeerSight[];
  readonly inquiry: Inquiry | null;
  /** What members have promised to this agent as a leader. */
  readonly promises: Promises;
  /** What this agent has promised last, be it over by now. */
  readonly promised: GivenPromise | null;
  /** `null` while it was never read. */
  readonly route: RouteSight | null;
  /** `null` while it was never read. */
  readonly scale: ScaleSight | null;
  readonly requests: Requests;
  /** What was begun and has not ended; none of these is begun a second time meanwhile. */
  readonly busy: { readonly lease: boolean; readonly route: boolean };
}
