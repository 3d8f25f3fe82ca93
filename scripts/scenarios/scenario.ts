import type { Trial } from './trial.ts';

/** Names of the scenarios, in their order. */
export const scenarioIds = [
  ...(['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8'] as const),
  ...(['S9', 'S10', 'S11', 'S12', 'S13', 'S14', 'S15', 'soak'] as const),
];
/** One of `scenarioIds`. */
export type ScenarioId = (typeof scenarioIds)[number];

/** Something that happens to a set, and what must hold then. */
export interface Scenario {
  readonly id: ScenarioId;
  /** What must hold, as a sentence. Besides, no two pods take writes at the same time, ever. */
  readonly holds: string;
  /** The ways in which it is tried. */
  readonly cases: readonly Case[];
}

/** One way to try a scenario. */
export interface Case {
  /** A few words; unique in its scenario. */
  readonly name: string;
  /** How the set is installed. Cases that are installed equally share one installation. */
  readonly install?: Install;
  /**
   * Which acknowledged writes may be missing afterwards: none, or those that were acknowledged just
   * before a leader was lost, which its replicas may not have had yet.
   */
  readonly mayLose: 'nothing' | 'unreplicated';
  /**
   * Needs the cluster of scripts/cluster, because machines are cut off or the API server is stopped.
   * It is watched from the network of a machine then, other than the leader's.
   */
  readonly needsTestbed?: boolean;
  /** Reaches into other sets, or takes no delay that others may cause: none is played with meanwhile. */
  readonly isAlone?: boolean;
  /** Cases with the same word may go through their fault of the whole cluster at the same time. */
  readonly together?: string;
  /** Left out of the short form: it takes long, and what it adds to the other cases is little. */
  readonly isExtra?: boolean;
  /** Somebody breaks the set by hand: two primaries for a moment are what is tried. */
  readonly isWreck?: boolean;
  /** Nobody can point the Service elsewhere meanwhile: whom new clients meet says nothing. */
  readonly isUnrouted?: boolean;
  /**
   * That nothing is refused and no connection ends is what is tried: its clients wait for an answer that
   * is late, as on a busy machine, and do not begin anew. The gaps say how late.
   */
  readonly isPatient?: boolean;
  /** The set writes little, so that replicas that are in step are equal. */
  readonly isQuiet?: boolean;
  /** Most pods that the set has at any time; those it begins with when not given. */
  readonly mostPods?: number;
  /** Does its worst, and objects to whatever does not hold. */
  readonly play: (trial: Trial) => Promise<void>;
}

/** No other set of the cluster can be judged while this is played. */
export function isDisturbing({ needsTestbed = false, isAlone = false }: Case): boolean {
  return needsTestbed || isAlone;
}

/** How a set is installed. */
export interface Install {
  /** Values of the chart, as for `helm --set`. */
  readonly values?: readonly string[];
  /** Port of Redis and of its Services, when `values` set another than Redis' own. */
  readonly port?: number;
  /** `values` encrypt its connections. */
  readonly isTls?: boolean;
  /** Pods of the set; 3 when not given. */
  readonly podCount?: number;
  /** The installation is of no use to others afterwards, and gets none that others have used. */
  readonly isOwn?: boolean;
  /** The pods wait for the scenario to let them go, one by one. */
  readonly isHeldBack?: boolean;
}
