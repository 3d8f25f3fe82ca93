import type { AppendLog } from '../../../agent/core/append-log.ts';
import {
  formerOf,
  stillFormer,
  withPast,
  type FormerHistory,
} from '../../../agent/core/former-history.ts';
import type { Position } from '../../../agent/core/lineage.ts';
import type { LastNote } from '../../../agent/core/note.ts';
import type { RedisSight } from '../../../agent/core/observation.ts';
import type { RedisUp } from '../../../agent/core/tenure.ts';
import type { MonotonicMs } from '../../../agent/core/units.ts';
import { judged, leaderOffsetIn, type Wholeness } from '../../../agent/core/wholeness.ts';
import { unpromotedLagSeconds } from '../../../agent/redis/commands.ts';
import { ackedOffset, goodReplicas } from '../link.ts';
import type { Redis } from '../redis.ts';
import type { Agent } from './agent.ts';

/** The own Redis as agent/run/local-redis.ts sees it. */
export class LocalRedis {
  readonly #agent: Agent;
  #wholeness: Wholeness | null = null;
  #appendLog: AppendLog | null = null;
  #process: Redis | null = null;
  #metAtMs: MonotonicMs;
  #former: FormerHistory | null = null;
  #lastUp: RedisUp | null = null;
  #loadingSinceMs: MonotonicMs | null = null;
  #refusedSinceMs: MonotonicMs | null = null;
  /** The note that this process of the agent wrote last. */
  lastNote: LastNote | null = null;
  /** The process that the connections are open to. */
  connected: Redis | null = null;
  /** Since when it is down or hung; `null` while it answers. */
  awaySinceMs: MonotonicMs | null;
  isHung = false;

  constructor(agent: Agent) {
    this.#agent = agent;
    this.awaySinceMs = agent.clock();
    this.#metAtMs = this.awaySinceMs;
  }

  /** The log on the disk may be of other data than those that the last look found. */
  get isLogBehind(): boolean {
    return this.#appendLog?.isBehind === true;
  }

  /** Connections were opened. */
  open(redis: Redis): void {
    this.connected = redis;
    this.awaySinceMs = null;
    this.isHung = false;
    if (redis.frozen) this.awaitAnswer(redis);
  }

  /** The connections closed. */
  close(): void {
    this.connected = null;
    this.isHung = false;
    this.awaySinceMs = this.#agent.clock();
    this.#lastUp = null;
  }

  /** The process was frozen: after the beat timeout it is taken for hung, until it answers. */
  awaitAnswer(redis: Redis): void {
    const { beatTimeoutMs } = this.#agent.timing;
    this.#agent.timer(beatTimeoutMs, () => {
      if (this.connected !== redis || !redis.frozen || this.isHung) return;
      this.isHung = true;
      this.awaySinceMs = this.#agent.clock();
      this.#agent.look();
    });
  }

  /** It answers again. */
  answered(): void {
    this.isHung = false;
    this.awaySinceMs = null;
  }

  /** Whether a look would wait for an answer that does not come. */
  get isSilent(): boolean {
    return this.connected !== null && this.connected.frozen && !this.isHung;
  }

  /** Looks at Redis now. */
  look(): RedisSight {
    const redis = this.connected;
    const nowMs = this.#agent.clock();
    if (redis === null || this.isHung || !redis.running) {
      const sinceMs = this.awaySinceMs ?? nowMs;
      return { kind: this.isHung ? 'hung' : 'down', sinceMs };
    }
    if (redis.refusesAgent) {
      this.#refusedSinceMs ??= nowMs;
      return { kind: 'refusing', sinceMs: this.#refusedSinceMs };
    }
    this.#refusedSinceMs = null;
    if (redis.frozen) {
      return this.#lastUp === null
        ? { kind: 'loading', sinceMs: nowMs }
        : { ...this.#lastUp, answered: false };
    }
    if (redis.loading) {
      this.#loadingSinceMs ??= nowMs;
      return { kind: 'loading', sinceMs: this.#loadingSinceMs };
    }
    this.#loadingSinceMs = null;
    const sight = this.#up(redis);
    this.#lastUp = sight;
    return sight;
  }

  /** Makes Redis a primary whose replication id will stay. */
  promote(redis: Redis): void {
    if (redis.backlogFrom !== null || redis.role === 'primary') {
      redis.promote();
      return;
    }
    const seen = this.#lastUp?.position ?? redis.position();
    this.#former = formerOf(seen);
    redis.promote();
    redis.forgetPast();
  }

  #up(redis: Redis): RedisUp {
    this.#agent.world.settle(redis);
    if (redis !== this.#process) this.#meetProcess(redis);
    const seen = redis.position();
    const syncing = redis.link?.state === 'syncing';
    const linkUp = redis.link?.state === 'up';
    const { sights: peers, inquiry } = this.#agent.peers;
    const leaderOffset = leaderOffsetIn({ peers, inquiry }, seen.replid, this.#metAtMs);
    this.#wholeness = judged(this.#wholeness, { ...seen, syncing, linkUp, leaderOffset });
    this.#judgeLog(redis, syncing);
    const placed = this.#placed(redis, this.#wholeness);
    return {
      kind: 'up',
      answered: true,
      position: placed,
      fenced: redis.fenced,
      requiredReplicas: redis.minReplicas,
      wasPromoted: redis.maxLagSeconds < unpromotedLagSeconds,
      goodReplicas: goodReplicas(redis, this.#agent.timing.replicaLagSeconds),
      ackedOffset: ackedOffset(redis),
      source: redis.source === null ? null : { address: redis.source, linkUp },
    };
  }

  #judgeLog({ role, log }: Redis, syncing: boolean): void {
    const { pod, variant } = this.#agent;
    const aofEnabled = pod.persistence === 'aof' && log.state !== 'off';
    const aofRewriting = aofEnabled && log.state === 'rewriting';
    const look = { role, syncing, aofEnabled, aofRewriting };
    this.#appendLog = variant.judgedLog(this.#appendLog, look);
  }

  #placed(redis: Redis, { whole, streamed }: Wholeness): Position {
    const { pod } = this.#agent;
    const seen = { ...redis.position(), whole, streamed, notedTerm: pod.note?.term ?? 0 };
    const hasBacklog = redis.backlogFrom !== null;
    this.#former = stillFormer(this.#former, { ...seen, hasBacklog });
    if (seen.role === 'primary') return withPast(this.#former, seen);
    const isFromLog = pod.persistence === 'aof' && redis.backlogFrom === null && seen.keys > 0;
    if (!isFromLog || pod.note === null) return withPast(this.#former, seen);
    // Loaded from an append-only file: Redis made up a new id, and the note has the old one.
    return { ...seen, replid: pod.note.replid, offset: pod.note.offset, exact: false };
  }

  #meetProcess(redis: Redis): void {
    this.#process = redis;
    this.#metAtMs = this.#agent.clock();
    this.#wholeness = null;
    this.#appendLog = null;
    this.#former = null;
  }
}
