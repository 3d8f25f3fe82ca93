/**
 * Nobody holds the Lease: it was released, has expired, or never existed. Who has data that may
 * lead claims it; the claim is one compare-and-swap, so that one wins.
 *
 * After an expiry this is safe without any question to the others: the old leader has stopped by
 * itself (tenure.ts). Whether *these* data are the best is settled after the claim (takeover.ts).
 */
import { ask, choose } from './choice.ts';
import { wait, type Decision, type Reason, type Turn } from './decision.ts';
import { claimed, type LeaseRecord } from './lease.ts';
import { standing, type Position } from './lineage.ts';
import type { Known, RedisUp } from './tenure.ts';
import { after } from './units.ts';
import { writeLease } from './write.ts';

/** One tick of an agent that sees nobody hold the Lease. */
export function claim(turn: Turn, { record }: Known, redis: RedisUp): Decision {
  const { nowMs } = turn.seen;
  if (record.paused) return wait(turn, 'vacant-paused', after(nowMs, turn.timing.renewPeriodMs));
  if (!isFit(turn, record, redis.position)) return unfit(turn, record, redis.position);
  return claimNow(turn, record);
}

function claimNow(turn: Turn, record: LeaseRecord): Decision {
  const reason: Reason =
    record.term === 0 ? 'claim-new' : record.holder === null ? 'claim-released' : 'claim-expired';
  return writeLease(turn, reason, claimed(record, turn.self, highestTermHeard(turn)));
}

function isFit(turn: Turn, record: LeaseRecord, position: Position): boolean {
  if (turn.self.priority === 0 || !position.whole) return false;
  return !record.initialized || standing(position, record.lineage).kind === 'on-line';
}

/**
 * Data that may not lead. One case remains in which they may after all: nobody has any (choice.ts).
 * That takes an answer of every member, asked for each period.
 */
function unfit(turn: Turn, record: LeaseRecord, position: Position): Decision {
  const { inquiry, nowMs } = turn.seen;
  const dueMs = after(inquiry?.askedAtMs ?? nowMs, turn.timing.renewPeriodMs);
  if (inquiry === null || (inquiry.done && nowMs >= dueMs)) {
    return ask(turn, nowMs, 'vacant-not-fit');
  }
  const choice = choose(turn, record, position, inquiry.askedAtMs);
  if (choice.kind === 'self') return claimNow(turn, record);
  return wait(turn, 'vacant-not-fit', dueMs);
}

/** The highest term that any peer or the route spoke of, 0 when none did. */
export function highestTermHeard({ seen }: Turn): number {
  return Math.max(seen.route?.term ?? 0, ...seen.peers.map((peer) => peer.term));
}
