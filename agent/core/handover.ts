/**
 * The planned change of leader, without a lost write (protocol section 6).
 *
 * Writes wait (CLIENT PAUSE) until the successor has every byte. Then they are fenced for good, the
 * offsets are compared once more, and only then the successor is named (I12): a pause alone ends by
 * itself, and writes that came back after the comparison would be lost. Until the successor is
 * named every step can be undone; from then on it leads, whatever happens here.
 */
import { ask, candidatesOf, isAnswered } from './choice.ts';
import { act, remember, type Decision, type HandoverPlan, type Turn } from './decision.ts';
import { openingReplicas } from './guard.ts';
import { renewed, transferred, type LeaseRecord } from './lease.ts';
import type { Position } from './lineage.ts';
import { best, type Candidate } from './ranking.ts';
import { isGivenAway, leadsUntil, tenantOf, type RedisUp } from './tenure.ts';
import { after, earliest, isSame, monotonic, type MonotonicMs } from './units.ts';
import { writeLease } from './write.ts';

/** A successor further behind than this is not waited for: writes would be held back too long. */
export const handoverLagBytesMax = 1_000_000;

/** The longest time for which writes are held back. */
export const pauseMaxMs = 1000;

/** The pause has to outlast the request that names the successor by this. */
const pauseMarginMs = 100;

/**
 * How long a member is left out that did not catch up in time. It may have been about to: its stream
 * begins as much as a second after its link is up, which is as long as writes are held back.
 */
export const handoverRetryMs = 3 * pauseMaxMs;

/** How old a question may be when a successor is chosen: then all are asked again. */
const questionAgeMaxMs = 500;

/** One tick of a hand-over, or `null` when nobody asks for one or nobody could take over. */
export function handOver(turn: Turn, record: LeaseRecord, redis: RedisUp): Decision | null {
  const { stop, switchover } = turn.seen.requests;
  const { handover } = turn.memory;
  if (handover !== null) return proceed(turn, record, redis, handover);
  if ((stop === null && switchover === null) || record.paused) return null;
  const { nowMs } = turn.seen;
  const sinceMs = monotonic(Math.max(switchover?.atMs ?? 0, nowMs - questionAgeMaxMs));
  if (!isAnswered(turn, sinceMs)) return ask(turn, sinceMs, 'handover-ask-peers');
  const to = successor(turn, record, redis.position);
  if (to === null) return withoutSuccessor(turn);
  return begin(turn, record, to);
}

function successor(turn: Turn, record: LeaseRecord, own: Position): Candidate | null {
  const { inquiry, requests, nowMs } = turn.seen;
  const wanted = requests.switchover?.to ?? null;
  const askedAtMs = inquiry?.askedAtMs ?? nowMs;
  // Whom a machine with too much to do lets answer late answers an earlier question: it is there, and
  // has to answer once more before anything depends on it.
  const heard = turn.seen.peers.filter(
    ({ heardAtMs, ordinal }) => heardAtMs >= askedAtMs && ordinal < turn.self.members,
  );
  // A pod that goes away too would only hand over again, when it can.
  const staying = heard.filter((peer) => !peer.stopping);
  const ready = candidatesOf(staying)
    .filter((peer) => !isTried(turn, peer))
    .filter((peer) => wanted === null || peer.pod === wanted)
    .filter(({ position }) => position.replid === own.replid && position.whole)
    .filter(({ position }) => own.offset - position.offset <= handoverLagBytesMax);
  return best(ready, record.lineage);
}

/** A pod that was made anew since is another. */
function isTried({ memory, seen }: Turn, peer: Candidate): boolean {
  return memory.handoverTried.some(
    ({ uid, atMs }) => uid === peer.uid && seen.nowMs < after(atMs, handoverRetryMs),
  );
}

/** A stopping agent beside a living Redis leaves the Lease to the agent that is started next. */
function withoutSuccessor(turn: Turn): Decision | null {
  return turn.seen.requests.stop === 'agent'
    ? act(turn, 'handover-no-successor', { kind: 'exit' })
    : null;
}

function begin(turn: Turn, record: LeaseRecord, to: Candidate): Decision | null {
  const { nowMs } = turn.seen;
  // C6: the pause may not outlast the right to lead, or its end would open an unfenced Redis.
  const leftMs = (leadsUntil(tenantOf(turn), record) ?? nowMs) - nowMs - turn.timing.fenceTimeoutMs;
  const forMs = Math.floor(Math.min(pauseMaxMs, leftMs));
  if (forMs <= 2 * pauseMarginMs) return null;
  return remember(act(turn, 'handover-pause', { kind: 'pause', forMs }), {
    handover: {
      to: { pod: to.pod, uid: to.uid, address: to.address },
      pausedAtMs: nowMs,
      pausedUntilMs: after(nowMs, forMs),
    },
  });
}

function proceed(turn: Turn, record: LeaseRecord, redis: RedisUp, plan: HandoverPlan): Decision {
  const { nowMs, busy } = turn.seen;
  const endsMs = monotonic(plan.pausedUntilMs - pauseMarginMs);
  // I15: somebody may have stopped failovers meanwhile.
  const isOver = nowMs >= endsMs || record.paused;
  if (isOver && !busy.lease) return undo(turn, record, plan);
  const next = advance(turn, record, redis, plan);
  // Whatever it waits for, it wakes before the pause ends by itself and writes come back.
  return nowMs < endsMs ? { ...next, wakeAtMs: earliest(next.wakeAtMs, endsMs) } : next;
}

/** The next step towards a successor that has every byte. */
function advance(turn: Turn, record: LeaseRecord, redis: RedisUp, plan: HandoverPlan): Decision {
  const offset = offsetOf(turn, plan, redis.position.replid);
  // A Redis that does not answer may have taken writes since it last did, and may be about to lift its
  // fence: an `admit` in its socket comes first (I12).
  const caughtUp = redis.answered && offset !== null && offset >= redis.position.offset;
  if (!caughtUp) return ask(turn, askSince(turn, plan), 'handover-await-offset');
  // Durable before anybody is named: the pause alone would end by itself.
  if (!redis.fenced) return act(turn, 'handover-fence', { kind: 'fence', cutClients: false });
  const next = transferred(record, plan.to, {
    from: turn.self.pod,
    cause: 'switchover',
    replid: redis.position.replid,
    offset: redis.position.offset,
  });
  return writeLease(turn, 'handover-name-successor', next, plan.to);
}

/** What the successor says that it has, if it was asked after the pause began. */
function offsetOf(turn: Turn, plan: HandoverPlan, replid: string): number | null {
  const peer = turn.seen.peers.find((one) => isSame(one, plan.to));
  if (peer === undefined || peer.askedAtMs < plan.pausedAtMs) return null;
  // An offset of another history says nothing about this one.
  return peer.position?.replid === replid ? peer.position.offset : null;
}

/** Ask anew once the last question is answered: the answer may be a millisecond too early. */
function askSince(turn: Turn, plan: HandoverPlan): MonotonicMs {
  const { inquiry, nowMs } = turn.seen;
  return inquiry !== null && inquiry.done ? nowMs : plan.pausedAtMs;
}

function undo(turn: Turn, record: LeaseRecord, plan: HandoverPlan): Decision {
  if (isGivenAway(turn)) return writeLease(turn, 'take-back', renewed(record, turn.self));
  const requiredReplicas = openingReplicas(turn, record);
  const { uid } = plan.to;
  const others = turn.memory.handoverTried.filter((tried) => tried.uid !== uid);
  return remember(act(turn, 'handover-undo', { kind: 'admit', requiredReplicas }), {
    handover: null,
    handoverTried: [...others, { uid, atMs: turn.seen.nowMs }],
  });
}
