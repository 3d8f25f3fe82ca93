import type { Position } from '../../agent/core/lineage.ts';
import {
  fencedReplicas,
  promotedLagSeconds,
  unpromotedLagSeconds,
} from '../../agent/redis/commands.ts';
import { AppendLog } from './append-log.ts';
import type { WriteOutcome } from './clients.ts';
import type { Dump } from './dump.ts';
import { emptyContent, newHistory, type Content, type Entry } from './history.ts';
import { goodReplicas, type Link } from './link.ts';
import type { World } from './world.ts';

/** Bytes that a PING adds to the stream. */
export const pingBytes = 14;

/**
 * One Redis process, from its start to its end: replication ids, offsets, the backlog, pauses and
 * the count of good replicas as Redis 7 has them. It boots as a replica of nowhere that refuses
 * writes. Where this is simpler than the real one, it errs to the side that loses more.
 */
export class Redis {
  readonly world: World;
  readonly place: number;
  readonly address: string;
  readonly runId: number;
  running = true;
  /** Stopped as by SIGSTOP: what is sent to it waits. */
  frozen = false;
  /** When it last went on after it was frozen. */
  thawedAtMs = -Infinity;
  loading = true;
  /** When it had loaded the last resync. */
  loadedAtMs = -Infinity;
  /** Its password was changed by hand, or it has no connection left: the agent is not let in. */
  refusesAgent = false;
  /** When somebody last changed its settings, or let the agent in again. */
  touchedAtMs = -Infinity;
  /** When an agent last said what a write needs. */
  ruledAtMs = -Infinity;
  role: 'primary' | 'replica' = 'replica';
  /** Where it replicates from; `null` for nowhere and for a primary. */
  source: string | null = null;
  link: Link | null = null;
  /** Those that replicate from this one. */
  readonly replicas = new Set<Link>();
  /** Cancels what was begun for a source that it has left. */
  sourceToken = 0;
  replid: string;
  replid2: string | null = null;
  forkOffset = 0;
  offset: number;
  /** The first offset that a partial resync may begin at; `null` while there is no backlog. */
  backlogFrom: number | null = null;
  /** Whether it knows a place in a history to go on from. */
  canResume = false;
  content: Content;
  /** What it has loaded from an append-only file. */
  fromLog: Content;
  readonly log = new AppendLog(this);
  stream: Entry[] = [];
  minReplicas = fencedReplicas;
  maxLagSeconds = unpromotedLagSeconds;
  pausedUntilMs = -Infinity;
  /** When the oldest client connected that is still there; `null` without clients. */
  clientsSinceMs: number | null = null;
  /** When all clients were last cut. */
  cutAtMs = -Infinity;
  /** When it last ceased to be a primary. */
  demotedAtMs = -Infinity;
  /** When it ceased to accept writes, until somebody opens it again. */
  shutSinceMs: number;
  readonly #queued: (() => void)[] = [];
  /** Clients' writes that a pause or a freeze holds back. */
  #waiting = 0;

  constructor(world: World, place: number, address: string, dump: Dump | null) {
    this.world = world;
    this.place = place;
    this.address = address;
    this.runId = world.nextNumber();
    this.shutSinceMs = world.nowMs;
    this.replid = dump?.replid ?? world.newReplid();
    this.content = dump?.content ?? emptyContent();
    this.fromLog = dump?.replid === null ? this.content : emptyContent();
    this.offset = dump?.offset ?? 0;
    this.canResume = typeof dump?.replid === 'string';
    this.#restartStream();
  }

  get answers(): boolean {
    return this.running && !this.frozen;
  }

  get fenced(): boolean {
    return this.minReplicas >= fencedReplicas;
  }

  /** What INFO says of the data, but for what the agent knows of it. */
  position(): Omit<Position, 'whole' | 'streamed' | 'notedTerm'> {
    const { role, replid, replid2, forkOffset, offset } = this;
    return { role, replid, replid2, forkOffset, offset, exact: true, keys: this.content.keys };
  }

  /** Runs a command: now, when a frozen Redis goes on, or never. */
  command(run: () => void): 'done' | 'waits' | 'closed' {
    if (!this.running) return 'closed';
    if (this.frozen) {
      this.#queued.push(run);
      return 'waits';
    }
    run();
    return 'done';
  }

  /** A client's write. */
  write(): WriteOutcome {
    if (!this.running || this.loading) return 'refused';
    this.clientsSinceMs ??= this.world.nowMs;
    const paused = this.role === 'primary' && this.world.nowMs < this.pausedUntilMs;
    if (this.frozen || paused) {
      this.#waiting = Math.min(this.#waiting + 1, 3);
      return 'waits';
    }
    if (this.role === 'replica' || !this.#hasReplicas()) {
      this.world.checker.outages.refused(this);
      return 'refused';
    }
    this.#accept();
    return 'accepted';
  }

  #hasReplicas(): boolean {
    const { minReplicas } = this;
    if (minReplicas <= 0) return true;
    return !this.fenced && goodReplicas(this, this.maxLagSeconds) >= minReplicas;
  }

  #accept(): void {
    const { history } = this.content;
    history.accepted += 1;
    this.content = { history, count: history.accepted, keys: this.content.keys + 1 };
    this.world.checker.accepted(this);
    this.feed(this.world.options.writeBytes);
  }

  /** Adds to the stream what is not a client's write: a PING, an expiry. */
  feed(bytes: number): void {
    // Without a backlog nothing is counted: Redis 7 only counts what it could send again.
    if (this.backlogFrom !== null) this.offset += bytes;
    this.stream.push({ offset: this.offset, atMs: this.world.nowMs, content: this.content });
  }

  /** REPLICAOF NO ONE behind the fence. */
  promote(): void {
    this.fence();
    this.maxLagSeconds = promotedLagSeconds;
    if (this.role === 'primary') return;
    this.world.settle(this);
    this.dropLink();
    this.log.restart();
    this.role = 'primary';
    this.source = null;
    this.replid2 = this.replid;
    this.forkOffset = this.offset;
    this.replid = this.world.newReplid();
    const { keys } = this.content;
    this.content = { history: newHistory(this.content), count: 0, keys };
    // What came before stays in the backlog: replicas of the history before go on from there.
    this.stream.push({ offset: this.offset, atMs: this.world.nowMs, content: this.content });
    this.dropReplicas();
  }

  /** REPLICAOF behind the fence; `null` is nowhere. */
  replicateFrom(source: string | null): void {
    this.fence();
    if (this.role === 'replica' && this.source === source) return;
    this.world.settle(this);
    this.dropLink();
    if (this.role === 'primary') {
      this.canResume = true;
      this.demotedAtMs = this.world.nowMs;
    }
    this.role = 'replica';
    this.source = source;
    this.world.connect(this);
  }

  /** CONFIG SET min-replicas-to-write to what no set has. */
  fence(): void {
    if (!this.fenced) this.shutSinceMs = this.world.nowMs;
    this.minReplicas = fencedReplicas;
  }

  /** CLIENT KILL of all that are not the agent's. */
  cutClients(): void {
    this.clientsSinceMs = null;
    this.cutAtMs = this.world.nowMs;
  }

  /** CONFIG SET min-replicas-to-write, and CLIENT UNPAUSE. */
  admit(replicas: number, maxLagSeconds: number): void {
    this.ruledAtMs = this.world.nowMs;
    this.minReplicas = replicas;
    this.maxLagSeconds = maxLagSeconds;
    this.pausedUntilMs = -Infinity;
    this.flush();
  }

  /** CLIENT PAUSE .. WRITE. */
  pause(forMs: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.world.nowMs + forMs);
    this.world.at(this.pausedUntilMs, () => {
      if (this.world.nowMs >= this.pausedUntilMs) this.flush();
    });
  }

  /** Writes that waited are looked at again. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = 0;
    for (let index = 0; index < waiting; index += 1) this.write();
  }

  freeze(): void {
    this.world.settle(this);
    this.frozen = true;
  }

  /** SIGCONT: the agent's commands and the clients' writes wait on different sockets. */
  thaw(): void {
    this.frozen = false;
    this.thawedAtMs = this.world.nowMs;
    if (this.link !== null) this.link.notBeforeMs = this.world.nowMs;
    if (this.world.prng.chance(0.5)) this.flush();
    for (const run of this.#queued.splice(0)) run();
    this.flush();
    if (this.link === null) this.world.connect(this);
  }

  end(): void {
    for (const link of this.replicas) this.world.settle(link.replica);
    this.running = false;
    this.dropLink();
    this.dropReplicas();
  }

  /** A new replication id without a past: what Redis does when its first replica finds no backlog. */
  forgetPast(): void {
    this.replid = this.world.newReplid();
    this.replid2 = null;
    this.forkOffset = 0;
    this.backlogFrom = this.offset;
  }

  /** Takes over what a full resync has brought. */
  replaceData(dump: Dump): void {
    this.replid = dump.replid!;
    this.replid2 = null;
    this.forkOffset = 0;
    this.offset = dump.offset;
    this.content = dump.content;
    this.fromLog = emptyContent();
    this.canResume = true;
    this.backlogFrom = this.offset;
    this.#restartStream();
    this.dropReplicas();
  }

  /** What BGSAVE would write now. A primary without a backlog does not write where it stands. */
  dump(): Dump {
    const { offset, content } = this;
    const placed = this.role === 'primary' ? this.backlogFrom !== null : this.canResume;
    return { replid: placed ? this.replid : null, offset, content };
  }

  dropLink(): void {
    this.sourceToken += 1;
    this.link?.source.replicas.delete(this.link);
    this.link = null;
  }

  /** Replicas notice at once, when nothing lies between, and try again. */
  dropReplicas(): void {
    for (const { replica } of [...this.replicas]) {
      this.world.settle(replica);
      replica.dropLink();
      this.world.connect(replica);
    }
  }

  #restartStream(): void {
    this.stream = [{ offset: this.offset, atMs: this.world.nowMs, content: this.content }];
  }
}
