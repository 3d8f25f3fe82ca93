import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChangeResult } from '../redis/commands.ts';
import {
  onePassword,
  readPasswords,
  withPasswords,
  type ConfigPasswords,
} from '../redis/config-passwords.ts';
import { writeConfig } from '../redis/config-write.ts';
import type { CommandRunner } from '../redis/connection.ts';
import { passwordHash, readPassword, type Password } from '../redis/password.ts';
import {
  acceptPassword,
  knownPasswords,
  requirePassword,
  usePassword,
  type KnownPasswords,
} from '../redis/password-commands.ts';
import {
  allows,
  nextStep,
  type PasswordFacts,
  type PasswordGeneration,
  type PasswordStep,
} from '../redis/password-step.ts';
import { LastFault } from './last-fault.ts';
import type { Rotation } from './rotation.ts';

/** What another member says of its password; `null` when it says nothing or does not answer. */
export interface MemberGeneration {
  readonly pod: string;
  readonly generation: PasswordGeneration | null;
}

/** What the rotation of the password needs. */
export interface PasswordRotationParts {
  readonly passwordFile: string;
  /** redis.conf as Redis starts with it, in the volume that both containers have. */
  readonly configFile: string;
  readonly redis: CommandRunner;
  /** Reads the peer secret, with which generations are keyed; `null`: none is set. */
  readonly peerSecret: () => Promise<string | null>;
  /** Asks all other members, also those that are away. */
  readonly askMembers: () => Promise<readonly MemberGeneration[]>;
  /** How long the former password stays good after every member uses the new one. */
  readonly overlapMs: number;
  readonly now: () => number;
  readonly log: Log;
}

/** The kubelets that mount the Secret for applications look once a minute, as the own one does. */
export const passwordOverlapMs = 60_000;

interface Seen {
  readonly wanted: Password;
  readonly text: string;
  readonly configured: ConfigPasswords;
  readonly known: KnownPasswords;
}

/** Takes a changed password to the own Redis, in step with the other members. */
export class PasswordRotation implements Rotation {
  readonly #parts: PasswordRotationParts;
  /** Since when nothing speaks against dropping the former password. */
  #unusedSinceMs: number | null = null;
  readonly #lastFault = new LastFault();
  /** What this agent says of its password; `null` while it knows nothing of it. */
  generation: PasswordGeneration | null = null;

  constructor(parts: PasswordRotationParts) {
    this.#parts = parts;
  }

  /** Looks once, and takes at most one step. Never rejects; what fails is due again at the next turn. */
  async turn(): Promise<void> {
    try {
      const seen = await this.#look();
      if (seen === null) return;
      await this.#say(seen);
      const step = nextStep(factsOf(seen));
      if (step !== 'drop') this.#unusedSinceMs = null;
      if (step !== null && (await this.#isAllowed(step, seen))) await this.#take(step, seen);
      if (step === null) this.#lastFault.clear();
    } catch (error) {
      this.#complain({ cause: messageOf(error) });
    }
  }

  /** `null` while Redis does not answer, and where this agent has no say in its password. */
  async #look(): Promise<Seen | null> {
    const { passwordFile, configFile, redis } = this.#parts;
    const wanted = await readPassword(passwordFile);
    const text = await readFile(configFile, 'latin1');
    const configured = readPasswords(text);
    const known = configured === null ? null : await knownPasswords(redis);
    return configured === null || known === null ? null : { wanted, text, configured, known };
  }

  async #say(seen: Seen): Promise<void> {
    const secret = await this.#parts.peerSecret();
    if (secret === null) return;
    const { wanted, accepted } = factsOf(seen);
    const uses = generationOf(seen.known.upstream, secret);
    const takesWanted = accepted.includes(wanted);
    this.generation = {
      accepts: takesWanted ? generationOf(textOf(seen.wanted), secret) : uses,
      uses,
    };
  }

  async #isAllowed(step: PasswordStep, { wanted }: Seen): Promise<boolean> {
    if (step === 'accept') return true;
    const { peerSecret, askMembers, overlapMs, now } = this.#parts;
    const secret = await peerSecret();
    const generation = secret === null ? '' : generationOf(textOf(wanted), secret);
    const members = await askMembers();
    const late = members.filter((member) => !allows(step, generation, member.generation));
    if (late.length > 0) {
      this.#unusedSinceMs = null;
      this.#complain({ step, waitsFor: late.map(({ pod }) => pod) });
      return false;
    }
    if (step === 'use') return true;
    this.#unusedSinceMs ??= now();
    return now() - this.#unusedSinceMs >= overlapMs;
  }

  async #take(step: PasswordStep, seen: Seen): Promise<void> {
    const result = await this.#carryOut(step, seen);
    if (result.kind !== 'done') {
      this.#complain({ step, result });
      return;
    }
    this.#lastFault.clear();
    this.#parts.log.info({ step }, 'password-step-taken');
    const known = await knownPasswords(this.#parts.redis);
    if (known !== null) await this.#say({ ...seen, known });
  }

  /**
   * redis.conf goes first where more becomes possible, so that a Redis that starts meanwhile can do
   * no less than the one before; and last where less does.
   */
  async #carryOut(step: PasswordStep, seen: Seen): Promise<ChangeResult> {
    const { redis, configFile } = this.#parts;
    const { wanted, text, configured, known } = seen;
    const write = (changes: Partial<ConfigPasswords>): Promise<void> =>
      writeConfig(configFile, withPasswords(text, { ...configured, ...changes }));
    const hash = passwordHash(wanted);
    switch (step) {
      case 'accept':
        await write({ accepted: [...new Set([...configured.accepted, hash])] });
        return acceptPassword(redis, hash);
      case 'use':
        await write({ upstream: wanted });
        return usePassword(redis, wanted);
      case 'drop': {
        // What somebody has added by hand is not ours to take away.
        const others = known.accepted.filter((one) => !configured.accepted.includes(one));
        const result = await requirePassword(redis, wanted, others);
        if (result.kind === 'done') await write(onePassword(wanted));
        return result;
      }
    }
  }

  /** Once for each state of affairs, not each turn: another member may be away for long. */
  #complain(details: object): void {
    if (this.#lastFault.isNew(details)) this.#parts.log.warn(details, 'password-rotation-waits');
  }
}

/**
 * Passwords with which the own Redis may still run while the Secret has another one already: those
 * that it was started with.
 */
export async function formerPasswords(configFile: string): Promise<readonly Password[]> {
  const text = await readFile(configFile, 'latin1').catch(() => '');
  const configured = readPasswords(text);
  return configured === null ? [] : [configured.login, configured.upstream];
}

/** Short, for it has to tell passwords apart and not to keep them; keyed, so that nobody can guess. */
function generationOf(password: string, secret: string): string {
  return createHmac('sha256', secret).update(password).digest('hex').slice(0, 16);
}

/** As Redis' answers are read, in which bytes that are no text become one and the same sign. */
function textOf(password: Password): string {
  return password.toString('utf8');
}

function factsOf({ wanted, configured, known }: Seen): PasswordFacts {
  return {
    wanted: passwordHash(wanted),
    accepted: known.accepted,
    usesWanted: known.upstream === textOf(wanted) && configured.upstream.equals(wanted),
    configured: configured.accepted,
  };
}
