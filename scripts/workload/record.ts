/**
 * What the programs of a workload print: one JSON object on each line. All instants are wall-clock
 * milliseconds of the machine that the program runs on.
 */

/** A write that Redis acknowledged. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  /** Number of the write: the end of its key, and its value. */
  readonly n: number;
  /** Which connection of the writer it was, counted from 1. */
  readonly connection: number;
  readonly sentMs: number;
  readonly atMs: number;
}

/** A write that failed another way than the one before it. */
export interface Failed {
  readonly kind: 'failed';
  readonly n: number;
  readonly error: string;
  readonly atMs: number;
}

/** A read that was answered, without a write that had been acknowledged before the read was sent. */
export interface Stale {
  readonly kind: 'stale';
  /** Number of that write. */
  readonly n: number;
  readonly atMs: number;
}

/** How many reads were answered in all; told at the end. */
export interface ReadCount {
  readonly kind: 'reads';
  readonly count: number;
}

/** What one pod answered from `atMs` on, asked directly. */
export interface Seen {
  readonly kind: 'seen';
  readonly pod: string;
  /** The first word of ROLE's answer, e.g. `master`; `unreachable` without an answer. */
  readonly role: string;
  /** How a replica's link is in ROLE's words, `connected` when it is in step; `null` otherwise. */
  readonly link: string | null;
  /** It took a write. */
  readonly accepts: boolean;
  /** When the last question left that had another answer: the change came after that. */
  readonly afterMs: number;
  readonly atMs: number;
}

/** Two pods took writes at the same time: `first`, then `second`, then `first` again. */
export interface TwoWriters {
  readonly kind: 'two-writers';
  readonly first: string;
  readonly second: string;
  readonly atMs: number;
}

/** Processes were killed, or sent another signal, just after `atMs`. */
export interface Killed {
  readonly kind: 'killed';
  readonly processes: readonly number[];
  /** Just before the signal was sent. */
  readonly atMs: number;
  /** When it had been sent to all of them. */
  readonly doneMs: number;
}

/** No pod that is asked directly took a write between these two instants, or another pod goes on. */
export interface Gap {
  readonly kind: 'gap';
  /** Who took the last write before, and who the first one afterwards. */
  readonly before: string;
  readonly after: string;
  readonly fromMs: number;
  /** When the first one afterwards was sent. */
  readonly sentMs: number;
  readonly atMs: number;
}

/** What a new connection to one address found from `atMs` on. */
export interface Answered {
  readonly kind: 'answered';
  /** The first word of ROLE's answer; `unreachable` without an answer. */
  readonly role: string;
  /** How a replica's link is in ROLE's words; `null` otherwise. */
  readonly link: string | null;
  /** It answered a read. */
  readonly reads: boolean;
  readonly atMs: number;
}

/** Which of the acknowledged writes are not there. */
export interface Checked {
  readonly kind: 'checked';
  /** Name of where it was looked for. */
  readonly place: string;
  /** Of the writer's keys. */
  readonly prefix: string;
  readonly count: number;
  readonly missing: readonly number[];
}

/** How one Redis stands in the set. */
export interface Surveyed {
  readonly kind: 'surveyed';
  readonly pod: string;
  /** Of INFO: `master` or `slave`. */
  readonly role: string;
  /** `up` or `down`; `null` at a primary. */
  readonly link: string | null;
  readonly replicaCount: number;
  /** Bytes of the history that it has. */
  readonly offset: number;
}

/** What many connections found that were open at the same time. */
export interface Crowded {
  readonly kind: 'crowded';
  /** The first word of ROLE's answer, or what went wrong, with how many got it. */
  readonly roles: Readonly<Record<string, number>>;
}

/** What Redis answered to commands; an error as its message. */
export interface Sent {
  readonly kind: 'sent';
  readonly answers: readonly unknown[];
}

/** What the first process of a container has used until `atMs`. */
export interface Used {
  readonly kind: 'used';
  /** Id of the container. */
  readonly container: string;
  readonly command: string;
  readonly rssBytes: number;
  /** What no file backs: the kernel cannot drop it. */
  readonly anonymousBytes: number;
  /** RSS where a page that several processes share counts for each in part. */
  readonly proportionalBytes: number;
  /** CPU time since its start. */
  readonly cpuMs: number;
  readonly atMs: number;
}

/** How long each answer to a GET request took, with the connection. */
export interface Probed {
  readonly kind: 'probed';
  readonly durationsMs: readonly number[];
  /** How many answers had a status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** How long each SET took, and the WAIT 1 after it. */
export interface Waited {
  readonly kind: 'waited';
  readonly setsMs: readonly number[];
  readonly waitsMs: readonly number[];
}

/** The time on the machine of the program, when asked for. */
export interface ClockRead {
  readonly kind: 'clock';
  readonly atMs: number;
}

/** One line of a program. */
export type WorkloadRecord =
  | Acknowledged
  | Failed
  | Stale
  | ReadCount
  | Seen
  | TwoWriters
  | Gap
  | Answered
  | Killed
  | Checked
  | Surveyed
  | Crowded
  | Sent
  | Used
  | Probed
  | Waited
  | ClockRead;

/** Takes what a program has to say. */
export type Report = (record: WorkloadRecord) => void;
