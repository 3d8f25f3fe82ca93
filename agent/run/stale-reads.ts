import { readFile } from 'node:fs/promises';
import type { RedisSight } from '../core/observation.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ChangeResult } from '../redis/commands.ts';
import type { Link } from '../redis/link.ts';
import { serveStaleReads, wantsStaleReads } from '../redis/stale-reads.ts';

/**
 * Lets each Redis process answer reads without a leader, but not before it has had all that a leader
 * has: until then it would answer with what its disk had, or with nothing.
 */
export class StaleReads {
  readonly #link: Link;
  readonly #configFile: string;
  readonly #log: Log;
  /** The process that has been told, or needs no telling. */
  #told: string | null = null;

  /** @param configFile redis.conf as Redis starts with it */
  constructor(link: Link, configFile: string, log: Log) {
    this.#link = link;
    this.#configFile = configFile;
    this.#log = log;
  }

  /** Takes in what the agent sees of its Redis. Never rejects; what fails is tried at the next sight. */
  async see(redis: RedisSight): Promise<void> {
    const { state } = this.#link;
    if (state.kind !== 'up' || state.runId === this.#told || !hasCaughtUp(redis)) return;
    this.#told = state.runId;
    const result = await this.#tell();
    if (result.kind === 'done') return;
    this.#told = null;
    this.#log.warn({ result }, 'stale-reads-not-allowed');
  }

  async #tell(): Promise<ChangeResult> {
    try {
      const config = await readFile(this.#configFile, 'latin1');
      return wantsStaleReads(config) ? await serveStaleReads(this.#link) : { kind: 'done' };
    } catch (error) {
      return { kind: 'refused', message: messageOf(error) };
    }
  }
}

function hasCaughtUp(redis: RedisSight): boolean {
  if (redis.kind !== 'up') return false;
  const { position, source, fenced } = redis;
  return position.role === 'primary' ? !fenced : source?.linkUp === true && position.whole;
}
