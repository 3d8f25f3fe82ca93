import { emptyContent, isEqual, type Entry } from './history.ts';
import { settle, type Link } from './link.ts';
import type { Redis } from './redis.ts';
import type { World } from './world.ts';

/** A replica that could not connect tries again so much later. */
const retryMs = 1000;

/** The longest that writes do not flow yet over a link that is reported as up (protocol fact 5). */
const streamGapMaxMs = 1000;

/** Begins to connect a replica to its source; what was begun before for this replica is void. */
export function connect(world: World, replica: Redis, delayMs = world.network.delayMs()): void {
  const token = ++replica.sourceToken;
  if (replica.role === 'primary' || replica.source === null) return;
  world.after(delayMs, () => {
    if (replica.sourceToken !== token || !replica.answers || replica.link !== null) return;
    if (!attempt(world, replica)) connect(world, replica, retryMs);
  });
}

function attempt(world: World, replica: Redis): boolean {
  const source = replica.source === null ? null : world.redisAt(replica.source);
  if (source === null || source === replica || !source.answers || source.loading) return false;
  if (replica.loading || !world.network.isConnected(replica.place, source.place)) return false;
  // NOMASTERLINK: a replica of nowhere serves nobody, and its own replicas keep what they have.
  if (source.role === 'replica' && source.link?.state !== 'up') return false;
  world.settle(source);
  const link = newLink(world, replica, source);
  if (canResume(replica, source)) resume(world, link);
  else beginResync(world, link);
  return true;
}

function newLink(world: World, replica: Redis, source: Redis): Link {
  const link: Link = {
    replica,
    source,
    state: 'syncing',
    delayMs: world.network.delayMs(),
    notBeforeMs: world.nowMs,
    next: 0,
    nextAck: 0,
    ackPhaseMs: world.prng.between(0, 1000),
    ackedAtMs: world.nowMs,
    ackFromMs: world.nowMs,
  };
  replica.link = link;
  source.replicas.add(link);
  return link;
}

/** Whether PSYNC is answered with CONTINUE. */
function canResume(replica: Redis, source: Redis): boolean {
  if (!replica.canResume || source.backlogFrom === null) return false;
  const { replid, offset } = replica;
  const shared =
    replid === source.replid || (replid === source.replid2 && offset <= source.forkOffset);
  const kept = Math.max(source.backlogFrom, source.offset - source.world.options.backlogBytes);
  return shared && offset >= kept && offset <= source.offset;
}

function resume(world: World, link: Link): void {
  const { replica, source } = link;
  const at = lastAt(source.stream, replica.offset);
  world.checker.data.resumed(replica, source, isEqual(replica.content, source.stream[at]!.content));
  if (replica.replid !== source.replid) {
    replica.replid2 = replica.replid;
    replica.forkOffset = replica.offset;
    replica.replid = source.replid;
    replica.dropReplicas();
  }
  replica.backlogFrom ??= replica.offset;
  link.next = at + 1;
  link.nextAck = link.next;
  link.state = 'up';
}

/** The last entry that `offset` has; the first one when the stream begins later. */
function lastAt(stream: readonly Entry[], offset: number): number {
  let at = stream.length - 1;
  while (at > 0 && stream[at]!.offset > offset) at -= 1;
  return at;
}

function beginResync(world: World, link: Link): void {
  const { replica, source } = link;
  if (source.backlogFrom === null) source.forgetPast();
  const dump = { replid: source.replid, offset: source.offset, content: source.content };
  const next = source.stream.length;
  world.checker.data.resyncs(replica, source);
  if (world.options.disklessLoad) {
    replica.log.stop();
    // The agent sees the resync begin, so that what is tried is what it makes of that.
    replica.content = emptyContent();
    world.agentAt(replica.place)?.look();
  }
  world.trace(replica.place, 'resync', `from ${source.address} at ${source.offset}`);
  world.after(world.options.resyncMs * world.prng.between(0.5, 1.5), () => {
    if (!replica.running || replica.link !== link) return;
    if (!replica.answers || !world.network.isConnected(replica.place, source.place)) {
      replica.dropLink();
      connect(world, replica, retryMs);
      return;
    }
    replica.log.stop();
    replica.replaceData(dump);
    replica.loading = true;
    world.dumpSaved(replica, dump);
    world.agentAt(replica.place)?.look();
    link.next = next;
    link.nextAck = next;
    world.after(world.options.loadMs * world.prng.next(), () => {
      finishResync(world, link);
    });
  });
}

function finishResync(world: World, link: Link): void {
  const { replica } = link;
  if (!replica.running) return;
  replica.loading = false;
  replica.loadedAtMs = replica.world.nowMs;
  replica.log.restart();
  if (replica.link !== link) {
    if (replica.link === null) connect(world, replica);
    return;
  }
  if (!world.network.isConnected(replica.place, link.source.place)) {
    // A replica counts from its first acknowledgement on, and that does not arrive.
    replica.dropLink();
    connect(world, replica, retryMs);
    return;
  }
  link.state = 'up';
  link.notBeforeMs = world.nowMs + world.prng.between(0, streamGapMaxMs);
  link.ackedAtMs = world.nowMs;
  link.ackFromMs = world.nowMs;
  settle(replica, world.nowMs);
}
