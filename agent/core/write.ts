/** Writing the Lease: one request at a time, and none right after one that failed. */
import { act, wait, type Decision, type Reason, type Turn } from './decision.ts';
import type { LeaseRecord } from './lease.ts';
import { mayWriteAt } from './tenure.ts';
import { after, type Contender } from './units.ts';

/** Writes `record`, as soon as that is allowed. */
export function writeLease(
  turn: Turn,
  reason: Reason,
  record: LeaseRecord,
  tell: Contender | null = null,
): Decision {
  const atMs = mayWriteAt(turn);
  const { nowMs } = turn.seen;
  if (atMs === null)
    return wait(turn, 'lease-write-pending', after(nowMs, turn.timing.requestTimeoutMs));
  if (atMs > nowMs) return wait(turn, reason, atMs);
  return act(turn, reason, { kind: 'write-lease', record, tell });
}
