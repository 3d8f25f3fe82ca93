import type { Content } from './history.ts';
import type { Redis } from './redis.ts';

/** A replica's connection to what it replicates from. */
export interface Link {
  readonly replica: Redis;
  readonly source: Redis;
  state: 'syncing' | 'up';
  /** From the source's stream to the replica. */
  readonly delayMs: number;
  /** Nothing arrives before: a cut that was mended, a resync whose stream does not flow yet. */
  notBeforeMs: number;
  /** Index in the source's stream of what is applied next. */
  next: number;
  /** Index in the source's stream of what is acknowledged next, when a client waits for it. */
  nextAck: number;
  /** The replica acknowledges once each second; this is when in the second. */
  readonly ackPhaseMs: number;
  /** When the last acknowledgement arrived, as far as it is known without looking. */
  ackedAtMs: number;
  /** Acknowledgements that were sent before do not arrive. */
  ackFromMs: number;
}

const secondMs = 1000;
/** No chain of replicas is longer; a loop is. */
const chainMax = 5;

/**
 * Brings a replica to where it is by now. Streams are not moved by events: each entry arrives a
 * fixed delay after the source had it, so that whoever looks can work out what has arrived. Whatever
 * changes that (a cut, a freeze, an end) settles first.
 */
export function settle(replica: Redis, nowMs: number, depth = 0): void {
  const { link } = replica;
  if (link?.state !== 'up' || !replica.answers || replica.loading) return;
  const { source } = link;
  if (!replica.world.network.isOpen(source.place, replica.place)) return;
  // A primary's stream needs no settling; a chain's does, and a loop of replicas has no stream.
  if (source.link !== null && depth < chainMax) settle(source, nowMs, depth + 1);
  apply(link, nowMs);
  if (source.role === 'primary' && source.answers && isMember(replica)) confirm(link, nowMs);
}

/** A pod that was deleted by force may live on somewhere, and what it has is given up by that. */
function isMember(redis: Redis): boolean {
  return redis.world.pods.some((pod) => pod.redis === redis);
}

function apply(link: Link, nowMs: number): void {
  const { replica, source } = link;
  const { stream } = source;
  while (link.next < stream.length) {
    const entry = stream[link.next]!;
    const atMs = Math.max(entry.atMs + link.delayMs, link.notBeforeMs);
    if (atMs > nowMs) break;
    link.next += 1;
    replica.offset = entry.offset;
    replica.content = entry.content;
    replica.stream.push({ offset: entry.offset, atMs, content: entry.content });
  }
}

/** What a client that waits for a copy has been told by now (WAIT asks the replicas at once). */
function confirm(link: Link, nowMs: number): void {
  const { replica, source, delayMs, ackFromMs } = link;
  if (link.nextAck >= link.next || !source.world.network.isOpen(replica.place, source.place))
    return;
  const { stream } = source;
  let content: Content | null = null;
  while (link.nextAck < link.next) {
    const entry = stream[link.nextAck]!;
    const sentMs = Math.max(entry.atMs + delayMs, link.notBeforeMs);
    // What was on its way when something changed comes with the acknowledgement of the next second.
    const resentMs = sentMs < ackFromMs ? ackFromMs + secondMs : sentMs;
    if (resentMs + delayMs > nowMs) break;
    link.nextAck += 1;
    // Who was cut waits for nothing more.
    if (entry.atMs > source.cutAtMs) content = entry.content;
  }
  if (content !== null) source.world.checker.data.confirmed(source, content);
}

/** When the last acknowledgement that has arrived by `nowMs` arrived. */
export function ackedAt(link: Link, nowMs: number): number {
  const { replica, source, delayMs, ackPhaseMs } = link;
  const flows = replica.answers && replica.world.network.isOpen(replica.place, source.place);
  if (!flows) return link.ackedAtMs;
  const turns = Math.floor((nowMs - delayMs - ackPhaseMs) / secondMs);
  const sentMs = ackPhaseMs + turns * secondMs;
  return sentMs >= link.ackFromMs ? Math.max(sentMs + delayMs, link.ackedAtMs) : link.ackedAtMs;
}

/** Remembers what has been acknowledged, before something changes what will be. */
export function settleAcks(link: Link, nowMs: number): void {
  link.ackedAtMs = ackedAt(link, nowMs);
  link.ackFromMs = nowMs;
}

/**
 * How many replicas Redis counts: it looks once each second, in whole seconds, and a replica that
 * disconnects visibly no longer counts at once.
 */
export function goodReplicas(redis: Redis, maxLagSeconds: number): number {
  const { nowMs } = redis.world;
  const looked = Math.floor(nowMs / secondMs);
  let good = 0;
  for (const link of redis.replicas) {
    if (link.state !== 'up') continue;
    const acked = Math.floor(ackedAt(link, looked * secondMs) / secondMs);
    if (looked - acked <= maxLagSeconds) good += 1;
  }
  return good;
}

/** Bytes that the furthest replica has acknowledged, `null` when no replica is connected. */
export function ackedOffset(redis: Redis): number | null {
  const { nowMs } = redis.world;
  let furthest: number | null = null;
  for (const link of redis.replicas) {
    if (link.state !== 'up') continue;
    const sentMs = ackedAt(link, nowMs) - link.delayMs;
    furthest = Math.max(furthest ?? 0, arrivedBy(link, sentMs));
  }
  return furthest;
}

/** The offset up to which the stream had arrived at the replica. */
function arrivedBy({ source, delayMs, notBeforeMs, next }: Link, atMs: number): number {
  if (notBeforeMs > atMs) return 0;
  for (let index = next - 1; index >= 0; index -= 1) {
    const entry = source.stream[index]!;
    if (entry.atMs + delayMs <= atMs) return entry.offset;
  }
  return 0;
}
