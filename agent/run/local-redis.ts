import { setTimeout as sleep } from 'node:timers/promises';
import { judgedLog, type AppendLog } from '../core/append-log.ts';
import {
  formerOf,
  isHalfPromoted,
  stillFormer,
  unpromoted,
  withPast,
  type FormerHistory,
} from '../core/former-history.ts';
import type { Position } from '../core/lineage.ts';
import type { Note } from '../core/note.ts';
import type { RedisSight } from '../core/observation.ts';
import type { RedisUp } from '../core/tenure.ts';
import { monotonic, type MonotonicMs } from '../core/units.ts';
import { judged, leaderOffsetIn, type Heard, type Wholeness } from '../core/wholeness.ts';
import { makeBacklog } from '../redis/backlog.ts';
import {
  fencedReplicas,
  nowhere,
  observe,
  promote,
  unpromotedLagSeconds,
  type ChangeResult,
  type WriteRule,
} from '../redis/commands.ts';
import type { Downstream, RedisInfo } from '../redis/info.ts';
import type { Link, LinkState } from '../redis/link.ts';

/** What the own Redis is looked at with. */
export interface LocalRedisOptions {
  /** How long a look, or a command of this class, may take. */
  readonly lookTimeoutMs: number;
  /** M: a replica whose last acknowledgement is older counts as lost. */
  readonly replicaLagSeconds: number;
  /** What was noted beside the data when this process began; `null`: nothing. */
  readonly note: Note | null;
  /** What the peers have said. */
  readonly heard: () => Heard;
}

/** How long a promotion waits that could not be brought to its end, in milliseconds. */
const promoteAgainMs = 100;

/**
 * The own Redis as the core sees it. Keeps what one look cannot tell: whether the data set is whole,
 * and which history the data of a process that has just started belong to.
 */
export class LocalRedis {
  readonly #link: Link;
  readonly #lookTimeoutMs: number;
  readonly #replicaLagSeconds: number;
  readonly #heard: () => Heard;
  #note: Note | null;
  #metAtMs = monotonic(0);
  #runId: string | null = null;
  #hasBacklog = true;
  #former: FormerHistory | null = null;
  #wholeness: Wholeness | null = null;
  #appendLog: AppendLog | null = null;
  #lastUp: RedisUp | null = null;
  #loadingSinceMs: MonotonicMs | null = null;
  /** Bytes received that are not applied yet, `null` for a primary. */
  lagBytes: number | null = null;
  /** Replicas to which the stream of writes flows. */
  streamingReplicas = 0;

  constructor(link: Link, { lookTimeoutMs, replicaLagSeconds, note, heard }: LocalRedisOptions) {
    this.#heard = heard;
    this.#link = link;
    this.#lookTimeoutMs = lookTimeoutMs;
    this.#replicaLagSeconds = replicaLagSeconds;
    this.#note = note;
  }

  /** The connection that commands go over. */
  get link(): Link {
    return this.#link;
  }

  /** The log on the disk may be of other data than those that the last look found. */
  get isLogBehind(): boolean {
    return this.#appendLog?.isBehind === true;
  }

  /** Looks at Redis now. Takes no longer than the look's timeout. */
  async look(nowMs: () => MonotonicMs): Promise<RedisSight> {
    const before = this.#link.state;
    if (before.kind !== 'up') return this.#away(before);
    const result = await observe(this.#link, this.#lookTimeoutMs);
    const state = this.#link.state;
    if (state.kind !== 'up') return this.#away(state);
    if (result.kind !== 'observed') {
      // Slow, not gone: until the beat says otherwise it is what it was.
      return this.#lastUp === null
        ? { kind: 'loading', sinceMs: state.atMs }
        : { ...this.#lastUp, answered: false };
    }
    if (result.info.persistence.loading) return this.#loading(nowMs());
    if (result.info.server.runId !== this.#runId) this.#meetProcess(result.info, nowMs());
    const sight = this.#up(result.info, result.writes);
    this.#lastUp = sight;
    this.#loadingSinceMs = null;
    return sight;
  }

  /**
   * Makes this Redis a primary that refuses writes, and whose replication id will stay. What its data were
   * known as is kept before that is sent: what was not answered in time may be carried out all the same.
   */
  async promote(): Promise<ChangeResult> {
    const position = this.#lastUp?.position ?? null;
    if (!this.#hasBacklog && position?.role === 'replica') this.#former = formerOf(position);
    const result = await promote(this.#link, this.#lookTimeoutMs);
    if (result.kind !== 'done' || this.#hasBacklog) return result;
    const made = await makeBacklog(this.#link, () => this.#link.openAnother('regent-backlog'));
    // Not at once again: Redis may have no place for the connection that this takes.
    if (made.kind !== 'done') await sleep(promoteAgainMs);
    return made;
  }

  #away(state: Exclude<LinkState, { kind: 'up' }>): RedisSight {
    this.lagBytes = null;
    if (state.kind === 'hung') return { kind: 'hung', sinceMs: state.atMs };
    this.#lastUp = null;
    return { kind: state.kind === 'refused' ? 'refusing' : 'down', sinceMs: state.atMs };
  }

  #loading(nowMs: MonotonicMs): RedisSight {
    this.#loadingSinceMs ??= nowMs;
    return { kind: 'loading', sinceMs: this.#loadingSinceMs };
  }

  #up(info: RedisInfo, writes: WriteRule): RedisUp {
    const { role, upstream } = info.replication;
    this.#hasBacklog = info.replication.hasBacklog;
    const linkUp = upstream?.link === 'up';
    const syncing = upstream?.syncing === true;
    const leaderOffset = leaderOffsetIn(this.#heard(), info.replication.replid, this.#metAtMs);
    const look = { ...info.replication, syncing, linkUp, leaderOffset };
    this.#wholeness = judged(this.#wholeness, look);
    this.#appendLog = judgedLog(this.#appendLog, { role, syncing, ...info.persistence });
    this.lagBytes = upstream === null ? null : upstream.readOffset - upstream.appliedOffset;
    const { downstreams } = info.replication;
    const online = downstreams.filter(({ state }) => state === 'online');
    this.streamingReplicas = online.length;
    const fenced = writes.replicas >= fencedReplicas;
    const isNowhere = upstream?.host === nowhere.host && upstream.port === nowhere.port;
    return {
      kind: 'up',
      answered: true,
      position: this.#position(info, this.#wholeness, fenced),
      fenced,
      requiredReplicas: writes.replicas,
      wasPromoted: writes.maxLagSeconds < unpromotedLagSeconds,
      goodReplicas: online.filter((one) => this.#isGood(one)).length,
      ackedOffset: online.length === 0 ? null : Math.max(...online.map((one) => one.offset)),
      source:
        role === 'primary' || upstream === null || isNowhere
          ? null
          : { address: upstream.host, linkUp },
    };
  }

  /**
   * Online is no proof that writes flow: a diskless resync says so up to a second too early. What has
   * acknowledged a byte has them. Redis itself counts what is online and recent.
   */
  #isGood({ offset, lagSeconds }: Downstream): boolean {
    return offset > 0 && lagSeconds !== null && lagSeconds <= this.#replicaLagSeconds;
  }

  /** Another process than at the last look: what was known of the data was of the old one. */
  #meetProcess(info: RedisInfo, nowMs: MonotonicMs): void {
    this.#metAtMs = nowMs;
    this.#runId = info.server.runId;
    this.#wholeness = null;
    this.#appendLog = null;
    this.#former = null;
  }

  #position(info: RedisInfo, { whole, streamed }: Wholeness, fenced: boolean): Position {
    const { role, replid, replid2, forkOffset, offset, hasBacklog } = info.replication;
    const notedTerm = this.#note?.term ?? 0;
    const counts = { forkOffset, offset, exact: true, keys: info.keys };
    const seen = { role, replid, replid2, ...counts, whole, streamed, notedTerm };
    this.#former = stillFormer(this.#former, { ...seen, hasBacklog });
    if (fenced && isHalfPromoted(this.#former, info.replication))
      return unpromoted(this.#former, seen);
    if (role === 'primary') return withPast(this.#former, seen);
    // Loaded from an append-only file, Redis has made up an id and has no backlog: nobody has replicated
    // these data since. Whoever has one bears an id that was given to the data, and knows better than
    // a note that was written some seconds before. The offset tells nothing: Redis 7 begins at 0 here,
    // Redis 8 where the log ends.
    const fromLog = info.persistence.aofEnabled && !hasBacklog && info.keys > 0;
    if (!fromLog || this.#note === null) return withPast(this.#former, seen);
    return { ...seen, replid: this.#note.replid, offset: this.#note.offset, exact: false };
  }

  /** The note that was written last; it describes these data from now on. */
  set note(note: Note) {
    this.#note = note;
  }
}
