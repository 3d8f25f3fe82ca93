import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { reloadTls } from '../redis/commands.ts';
import type { CommandRunner } from '../redis/connection.ts';
import { expiryOf, tlsFilesIn, type TlsMaterial } from '../tls.ts';
import type { Certificates } from './certificates.ts';
import { LastFault } from './last-fault.ts';
import type { Rotation } from './rotation.ts';

/** What the rotation of certificates needs. */
export interface TlsRotationParts {
  readonly certificates: Certificates;
  readonly redis: CommandRunner;
  /** The server for other agents; one of `node:https` is. */
  readonly server: { setSecureContext(tls: TlsMaterial): void };
  readonly log: Log;
}

/**
 * Brings changed certificates to those who hold the old ones: the server for other agents, and the
 * own Redis. Clients of this process take the current ones for each new connection.
 */
export class TlsRotation implements Rotation {
  readonly #parts: TlsRotationParts;
  /** At first too: the agent before this one may have ended between a change and Redis. */
  #isRedisBehind = true;
  readonly #lastFault = new LastFault();

  constructor(parts: TlsRotationParts) {
    this.#parts = parts;
  }

  /** Looks once, and does what is due. Never rejects; what fails is tried again at the next turn. */
  async turn(): Promise<void> {
    const { certificates, server, log } = this.#parts;
    try {
      if (await certificates.refresh()) {
        const tls = certificates.current();
        server.setSecureContext(tls);
        this.#isRedisBehind = true;
        log.info({ validUntil: expiryOf(tls).toISOString() }, 'certificates-taken-up');
      }
      if (this.#isRedisBehind) await this.#tellRedis();
    } catch (error) {
      this.#complain(messageOf(error));
    }
  }

  async #tellRedis(): Promise<void> {
    const { certificates, redis } = this.#parts;
    const result = await reloadTls(redis, tlsFilesIn(certificates.folder));
    this.#isRedisBehind = result.kind !== 'done';
    // A Redis that is away reads the files when it comes; one that hangs is asked again.
    if (result.kind === 'refused') this.#complain(`Redis: ${result.message}`);
    if (result.kind === 'done') this.#lastFault.clear();
  }

  /** Once for each fault, not each turn: the files of a Secret may take a minute to fit together. */
  #complain(fault: string): void {
    if (this.#lastFault.isNew({ fault }))
      this.#parts.log.warn({ fault }, 'certificates-not-taken-up');
  }
}
