import type { Action } from '../core/decision.ts';
import type { Timing } from '../core/timing.ts';
import type { PeerClient } from '../http/peer.ts';
import type { Log } from '../log.ts';
import * as commands from '../redis/commands.ts';
import type { ChangeResult } from '../redis/commands.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { LocalRedis } from './local-redis.ts';
import type { Peers } from './peers.ts';
import type { PromiseKeeper } from './promise-keeper.ts';
import type { Routing } from './routing.ts';

/** What actions are carried out with. */
export interface ActParts {
  readonly timing: Timing;
  readonly redisPort: number;
  readonly lease: LeaseKeeper;
  readonly redis: LocalRedis;
  readonly peers: Peers;
  readonly promises: PromiseKeeper;
  readonly routing: Routing;
  readonly client: Pick<PeerClient, 'lead'>;
  readonly log: Log;
}

/**
 * Makes the function that carries out actions. Commands to the own Redis are waited for, within the
 * fence timeout; requests to others are begun, and their end is an event. No outcome is acted upon
 * here: it shows in the next observation.
 */
export function actor(parts: ActParts): (action: Action) => Promise<void> {
  return async (action) => {
    const change = onRedis(parts, action);
    if (change === null) begin(parts, action);
    else await settle(parts, action, await change);
  };
}

function onRedis(parts: ActParts, action: Action): Promise<ChangeResult> | null {
  const { link } = parts.redis;
  const { fenceTimeoutMs, replicaLagSeconds } = parts.timing;
  switch (action.kind) {
    case 'fence':
      return commands.fence(link, { cutClients: action.cutClients }, fenceTimeoutMs);
    case 'cut-clients':
      return commands.killClients(link, fenceTimeoutMs);
    case 'withdraw':
    case 'follow': {
      const obey = action.cutClients ? commands.demote : commands.follow;
      return obey(link, sourceFor(parts, action), fenceTimeoutMs);
    }
    case 'promote':
      return parts.redis.promote();
    case 'admit': {
      const rule = { replicas: action.requiredReplicas, maxLagSeconds: replicaLagSeconds };
      return commands.admit(link, rule, fenceTimeoutMs);
    }
    case 'pause':
      return commands.pauseWrites(link, action.forMs, fenceTimeoutMs);
    default:
      return null;
  }
}

function sourceFor(
  { redisPort: port }: ActParts,
  action: Action & { readonly kind: 'withdraw' | 'follow' },
): commands.Address {
  return action.kind === 'follow' ? { host: action.leader.address, port } : commands.nowhere;
}

function begin(parts: ActParts, action: Action): void {
  if (action.kind === 'ask') parts.peers.ask();
  if (action.kind === 'find') void parts.peers.find();
  if (action.kind === 'ask-promises') parts.promises.ask(action.durationMs);
  if (action.kind === 'route') void parts.routing.route(action.term);
  if (action.kind === 'write-lease') void writeLease(parts, action);
}

async function writeLease(
  { lease, client, log }: ActParts,
  { record, tell }: Action & { readonly kind: 'write-lease' },
): Promise<void> {
  const written = await lease.write(record);
  if (written === null || tell === null) return;
  // It would see the Lease change by itself; the message saves it the watch's delay.
  const result = await client.lead(tell.address, written);
  if (result.kind !== 'answered') log.warn({ pod: tell.pod, result }, 'successor-not-told');
}

/**
 * How long to leave a Redis alone that refused: the next decision is most likely the same, and nothing
 * else would come round.
 */
const refusedPauseMs = 20;

async function settle({ log }: ActParts, action: Action, result: ChangeResult): Promise<void> {
  if (result.kind === 'done') return;
  log.warn({ action: action.kind, result }, 'redis-command-failed');
  await new Promise((resolve) => {
    setTimeout(resolve, refusedPauseMs);
  });
}
