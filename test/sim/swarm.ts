import {
  durabilityClasses,
  durabilityOf,
  replicaLossAnswers,
  type Durability,
} from '../../agent/core/durability.ts';
import { bootstrapDataMs } from '../../agent/core/choice.ts';
import { timings, type Timing } from '../../agent/core/timing.ts';
import type { ApiOptions } from './api-server.ts';
import type { Inheritance } from './arrival.ts';
import type { ClientOptions } from './clients.ts';
import { faultKinds, type FaultKind } from './faults.ts';
import type { NetworkOptions } from './network.ts';
import type { Prng } from './prng.ts';
import type { Variant } from './variant.ts';

/** What is on the volume after a restart: all but the id, an older state, or nothing. */
export type Persistence = 'rdb' | 'aof' | 'none';

/** One run's circumstances. */
export interface WorldOptions {
  readonly variant: Variant;
  readonly pods: number;
  /** Pods that the set has for a while: it is scaled up to so many, and down again. */
  readonly scalesTo: number | null;
  /** Pods, the last ones, that never come. */
  readonly absent: number;
  readonly inheritance: Inheritance | null;
  readonly timing: Timing;
  readonly durability: Durability;
  readonly persistence: Persistence;
  /** `replica-priority` by ordinal. */
  readonly priorities: readonly number[];
  readonly writeBytes: number;
  readonly backlogBytes: number;
  /** Keys expire: the stream of a primary moves without a client's write, behind a fence too. */
  readonly expiryPeriodMs: number | null;
  readonly resyncMs: number;
  readonly loadMs: number;
  /** How long Redis makes a new append-only file after a full resync. */
  readonly rewriteMs: number;
  /** Redis takes up the offset where an append-only file ends (Redis 8), not 0 (Redis 7). */
  readonly logHasOffset: boolean;
  /** A resync throws the old data away before it has the new ones (`repl-diskless-load`). */
  readonly disklessLoad: boolean;
  readonly dnsLagMaxMs: number;
  /** Share of addresses that were another pod's before. */
  readonly addressReuse: number;
  readonly clockErrorMax: number;
  readonly network: NetworkOptions;
  readonly api: ApiOptions;
  readonly clients: ClientOptions;
  /** Nothing fails but the API server: a leader that has opened has to stay open (I16). */
  readonly isApiOnly: boolean;
  /** One fault happens, when the set is whole. */
  readonly isOneFault: boolean;
  /** Which faults happen, and the mean time between two of them. */
  readonly faults: readonly FaultKind[];
  readonly faultPeriodMs: number;
  /** When the faults end, and when everything has to be well again. */
  readonly calmAtMs: number;
  readonly endAtMs: number;
}

/** How long the world has to mend itself after the last fault. When a member never comes, a new set waits for it. */
const healMs = 35_000;

/** And how long it has besides to be scaled. */
const scalingMs = 42_000;

/**
 * Draws the circumstances of a run. Each run has only some of the faults: a world in which
 * everything goes wrong at once stays in a few states only.
 */
export function drawOptions(prng: Prng, variant: Variant): WorldOptions {
  const pods = prng.pick([1, 2, 2, 3, 3, 3, 3, 3, 4, 5]);
  const calmAtMs = prng.between(8000, 30_000);
  const share = prng.pick([0, 0.1, 0.25, 0.25, 0.5]);
  const faults = faultKinds.filter(() => prng.chance(share));
  const slow = prng.chance(0.2);
  const absent = pods >= 3 && prng.chance(0.05) ? 1 : 0;
  // Circumstances that are given say so themselves.
  const mayScale = variant.where === undefined && absent === 0 && pods < 5;
  const scalesTo = mayScale && prng.chance(0.1) ? prng.pick([pods + 1, 5]) : null;
  return {
    variant,
    pods,
    scalesTo,
    absent,
    inheritance: null,
    durability: drawDurability(prng, pods),
    timing: prng.chance(0.5) ? timings.default : timings.fast,
    persistence: prng.pick(['rdb', 'aof', 'none']),
    priorities: prng.chance(0.2) ? drawPriorities(prng, pods) : [],
    writeBytes: prng.pick([40, 150, 2000]),
    backlogBytes: prng.pick([500, 20_000, 1_000_000]),
    expiryPeriodMs: prng.chance(0.3) ? prng.magnitude(20, 2000) : null,
    resyncMs: prng.magnitude(20, 3000),
    loadMs: prng.magnitude(2, 1500),
    rewriteMs: prng.magnitude(20, 6000),
    logHasOffset: prng.chance(0.5),
    disklessLoad: false,
    dnsLagMaxMs: prng.pick([0, 0, 5000]),
    addressReuse: prng.pick([0, 0, 0.5]),
    clockErrorMax: prng.pick([0, 0.005, 0.01]),
    network: drawNetwork(prng, slow),
    api: drawApi(prng, slow),
    clients: drawClients(prng),
    isApiOnly: false,
    isOneFault: false,
    faults,
    faultPeriodMs: prng.magnitude(300, 8000),
    calmAtMs,
    endAtMs: calmAtMs + healMs + besidesMs({ absent, scalesTo, ...variant.where }),
    ...variant.where,
  };
}

/** What a world needs besides to mend itself. */
function besidesMs({ absent, scalesTo }: Pick<WorldOptions, 'absent' | 'scalesTo'>): number {
  if (absent > 0) return bootstrapDataMs;
  return scalesTo === null ? 0 : scalingMs;
}

function drawDurability(prng: Prng, pods: number): Durability {
  const durability = prng.pick([null, ...durabilityClasses]);
  const onReplicaLoss = durability === 'strict' ? null : prng.pick([null, ...replicaLossAnswers]);
  return durabilityOf({ durability, onReplicaLoss }, pods);
}

/** At least one may lead. */
function drawPriorities(prng: Prng, pods: number): readonly number[] {
  const drawn = Array.from({ length: pods }, () => prng.pick([0, 10, 100, 100]));
  return drawn.some((priority) => priority > 0) ? drawn : [];
}

function drawNetwork(prng: Prng, slow: boolean): NetworkOptions {
  const delayMaxMs = slow ? prng.pick([20, 400]) : prng.pick([1, 5]);
  return { delayMinMs: 0.2, delayMaxMs, lossShare: prng.pick([0, 0, 0, 0.05]) };
}

function drawApi(prng: Prng, slow: boolean): ApiOptions {
  return {
    delayMinMs: 1,
    delayMaxMs: slow ? prng.pick([100, 1500]) : prng.pick([5, 20]),
    lossShare: prng.pick([0, 0, 0, 0.03, 0.1]),
    watchDelayMaxMs: prng.pick([0, 0, 50, 1000]),
    staleShare: prng.pick([0, 0, 0.1]),
  };
}

function drawClients(prng: Prng): ClientOptions {
  return {
    writePeriodMs: prng.magnitude(20, 500),
    strayPeriodMs: prng.magnitude(100, 1000),
    routeDelayMaxMs: prng.pick([10, 1000]),
  };
}
