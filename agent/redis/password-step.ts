/**
 * Changes the password of a set in steps that leave every member able to log in to every other:
 *
 *   accept   This Redis takes the new password too. From now on nobody who uses either is refused.
 *   use      This Redis shows the new one to its primary. Only when every member accepts it: any of
 *            them may be the primary next.
 *   drop     This Redis refuses the former ones. Only when every member uses the new one, and clients
 *            have had the time to read it.
 *
 * Each step is derived anew from what Redis and redis.conf hold, so that it does not matter where an
 * agent or a Redis ended in between.
 */
export type PasswordStep = 'accept' | 'use' | 'drop';

/** What the own Redis and its redis.conf hold. Passwords are given as `passwordHash`. */
export interface PasswordFacts {
  /** The one in the Secret. */
  readonly wanted: string;
  /** What clients may show now. */
  readonly accepted: readonly string[];
  /** Whether Redis shows the wanted one to its primary, now and after a restart. */
  readonly usesWanted: boolean;
  /** What clients may show after a restart of Redis. */
  readonly configured: readonly string[];
}

/** The step that this member has to take next, `null` when there is none. */
export function nextStep(facts: PasswordFacts): PasswordStep | null {
  const { wanted, accepted, usesWanted, configured } = facts;
  const known = [wanted, ...configured];
  // Somebody changed it by hand, or it needs none: a password that we add would lock people out.
  if (!accepted.some((hash) => known.includes(hash))) return null;
  if (!accepted.includes(wanted) || !configured.includes(wanted)) return 'accept';
  if (!usesWanted) return 'use';
  return configured.length > 1 ? 'drop' : null;
}

/**
 * What an agent says of the password, so that others know how far it is: never the password nor a
 * hash that could be guessed at, but HMACs that are keyed with the peer secret.
 */
export interface PasswordGeneration {
  /** Of the newest password that its Redis takes. */
  readonly accepts: string;
  /** Of the one that its Redis shows to its primary. */
  readonly uses: string;
}

/**
 * Whether a member is far enough for the others to take a step. One that says nothing may be an
 * older agent, or away: it is waited for.
 */
export function allows(
  step: PasswordStep,
  wanted: string,
  said: PasswordGeneration | null,
): boolean {
  if (step === 'accept') return true;
  return (step === 'use' ? said?.accepts : said?.uses) === wanted;
}
