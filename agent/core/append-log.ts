/**
 * Whether the append-only file on the disk is that of the data in memory, judged from what Redis says
 * of itself over time.
 *
 * For a full resync Redis switches its log off, loads, and begins to write a new one (BGREWRITEAOF).
 * Until that has ended the disk names the log of the data before: Redis that dies by then comes back
 * with these. It is the same from a resync that broke off to the next that does not. INFO shows no
 * difference between such a rewrite and an ordinary one, during which the old log goes on, so that
 * each counts that is not known to be ordinary.
 *
 * A rewrite that fails is begun again, at once or later, as long as Redis has no log that goes on: it
 * runs or is scheduled all the while. So the outcome of the last one tells nothing here, and one that
 * fails for ever, where the old log does go on, holds nothing up.
 */

/** What the judgement needs of one look at Redis. */
export interface LogLook {
  readonly role: 'primary' | 'replica';
  /** A full resync is under way. */
  readonly syncing: boolean;
  /** The log is written, or a first one is being made. */
  readonly aofEnabled: boolean;
  /** A rewrite of the log runs, or is about to. */
  readonly aofRewriting: boolean;
}

/** The judgement after some looks at one process of Redis. */
export interface AppendLog {
  /** The log on the disk may be of other data than those in memory. */
  readonly isBehind: boolean;
  /** This process keeps a log, also while it is switched off. */
  readonly isKept: boolean;
  readonly role: 'primary' | 'replica';
}

/** Judges one more look. `before` is `null` at the first look at this Redis process. */
export function judgedLog(before: AppendLog | null, look: LogLook): AppendLog {
  const { role, aofEnabled } = look;
  const isKept = aofEnabled || before?.isKept === true;
  return { isBehind: isBehind(before, look, isKept), isKept, role };
}

function isBehind(before: AppendLog | null, look: LogLook, isKept: boolean): boolean {
  if (look.syncing) return true;
  if (!look.aofEnabled) return isKept;
  return look.aofRewriting && !isOrdinary(before, look);
}

/**
 * A rewrite of a log that goes on. Only a primary's is known to be one: a replica may have had a resync
 * between two looks. To be wrong about a replica makes its note late, which claims too little; a new
 * leader's note must not be late, or nobody could place its data after a restart.
 */
function isOrdinary(before: AppendLog | null, look: LogLook): boolean {
  const wasPrimary = before?.role === 'primary' && look.role === 'primary';
  return wasPrimary && before.isKept && !before.isBehind;
}
