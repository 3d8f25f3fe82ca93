/**
 * A person names the leader, whatever its data: the way out when nobody may be promoted by rule, and
 * the only one by which an empty data set, or one of unknown lineage, leads a set that has had data
 * (I7). The holder carries it out; without one, whoever was asked claims the Lease first.
 */
import { ask, heardSince, isAnswered } from './choice.ts';
import { act, wait, type Decision, type Turn } from './decision.ts';
import { claimed, isHeldBy, recordedHead, transferred, type LeaseRecord } from './lease.ts';
import type { PeerSight } from './observation.ts';
import { boundUntil } from './promise.ts';
import { isMember } from './size.ts';
import { isHead, isOpen, type Known } from './tenure.ts';
import type { Contender, MonotonicMs } from './units.ts';
import { askWhoRemembers, highestTermHeard, keepStill, vacantAt } from './vacancy.ts';
import { writeLease } from './write.ts';

/** What is next to be done about an override, or `null` when nothing is, or it is another's to do. */
export function overrule(turn: Turn, lease: Known): Decision | null {
  const { override } = turn.seen.requests;
  const { record } = lease;
  if (override === null || isDone(turn, record, override.to)) return null;
  if (isHeldBy(record, turn.self)) return asHolder(turn, record, override);
  if (turn.seen.nowMs < vacantAt(turn, lease)) return null;
  if (!isMember(turn)) return null;
  const kept = keepStill(turn, lease);
  if (kept !== null) return kept;
  const asking = record.revision === null ? askWhoRemembers(turn, lease) : null;
  if (asking !== null) return asking;
  return writeLease(turn, 'override-name', claimed(record, turn.self, highestTermHeard(turn)));
}

/** The named one leads, or is about to. */
function isDone({ self, seen }: Turn, record: LeaseRecord, to: string): boolean {
  if (record.holder?.pod !== to) return false;
  const isNamed = record.handover?.cause === 'override';
  if (to !== self.pod) return isNamed || recordedHead(record) !== null;
  return isNamed || (seen.redis.kind === 'up' && isHead(record, seen.redis.position));
}

function asHolder(
  turn: Turn,
  record: LeaseRecord,
  { to, atMs }: { readonly to: string; readonly atMs: MonotonicMs },
): Decision | null {
  const { redis, leaseFailedAtMs, busy } = turn.seen;
  // It could not be named: refusing writes would help nobody.
  if (leaseFailedAtMs !== null || busy.lease) return null;
  if (to !== turn.self.pod && !isAnswered(turn, atMs)) return ask(turn, atMs, 'override-name');
  const peer = heardSince(turn, atMs).find((one) => one.pod === to);
  if (to !== turn.self.pod && peer === undefined) return null;
  // I14: to hold the Lease is not to lead, but to take a new term is to leave the one promised to.
  const boundMs = peer === undefined ? boundUntil(turn, record) : null;
  if (boundMs !== null) return wait(turn, 'promise-kept', boundMs);
  // Last: whoever cannot be named yet leaves the leader open.
  if (isOpen(redis)) return act(turn, 'override-fence', { kind: 'fence', cutClients: true });
  return name(turn, record, peer ?? turn.self, peer ?? null);
}

function name(
  turn: Turn,
  record: LeaseRecord,
  { pod, uid, address }: Contender,
  peer: PeerSight | null,
): Decision {
  const { redis } = turn.seen;
  const own = redis.kind === 'up' ? redis.position : null;
  const { replid, offset } = (peer === null ? own : peer.position) ?? { replid: '', offset: 0 };
  const handover = { from: turn.self.pod, cause: 'override', replid, offset } as const;
  const to = { pod, uid, address };
  const next = transferred(record, to, handover);
  return writeLease(turn, 'override-name', next, peer === null ? null : to);
}
