import { readFile } from 'node:fs/promises';
import type { RedisSight } from '../core/observation.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChangeResult } from '../redis/commands.ts';
import type { Link } from '../redis/link.ts';
import { serveStaleReads, wantsStaleReads } from '../redis/stale-reads.ts';

/** Which process was told what. */
interface Told {
  readonly runId: string;
  readonly serves: boolean;
}

/**
 * Lets a replica answer reads without a leader, but only once it has had all that a leader has. One that
 * has just started would answer with what its disk had, or with nothing; one that has just ceased to
 * lead, without what its successor has taken since. Clients come to both: each machine's kube-proxy
 * follows a change in its own time.
 */
export class StaleReads {
  readonly #link: Link;
  readonly #configFile: string;
  readonly #log: Log;
  /** What the process was told last; it boots refusing. */
  #told: Told = { runId: '', serves: false };

  /** @param configFile redis.conf as Redis starts with it */
  constructor(link: Link, configFile: string, log: Log) {
    this.#link = link;
    this.#configFile = configFile;
    this.#log = log;
  }

  /** Takes in what the agent sees of its Redis. Never rejects; what fails is tried at the next sight. */
  async see(redis: RedisSight): Promise<void> {
    const { state } = this.#link;
    const serves = wanted(redis);
    if (state.kind !== 'up' || serves === null) return;
    const { runId } = state;
    if (this.#told.runId === runId && this.#told.serves === serves) return;
    const [before, told] = [this.#told, { runId, serves }];
    this.#told = told;
    const result = await this.#tell(told);
    if (result.kind === 'done') return;
    if (this.#told === told) this.#told = before;
    this.#log.warn({ result, serves }, 'stale-reads-not-set');
  }

  async #tell(told: Told): Promise<ChangeResult> {
    const { serves } = told;
    try {
      // What the user wants matters only to a replica: a promotion reads no file.
      const isAllowed = serves && wantsStaleReads(await readFile(this.#configFile, 'latin1'));
      // While the file was read Redis may have been told otherwise: that was sent first, and is newer.
      if (this.#told !== told) return { kind: 'done' };
      return await serveStaleReads(this.#link, isAllowed);
    } catch (error) {
      return { kind: 'refused', message: messageOf(error) };
    }
  }
}

/** What Redis is to be told; `null`: what it was told last is right. A primary has no use for it until it is demoted. */
function wanted(redis: RedisSight): boolean | null {
  if (redis.kind !== 'up') return null;
  const { position, source } = redis;
  if (position.role === 'primary') return false;
  return source?.linkUp === true && position.whole ? true : null;
}
