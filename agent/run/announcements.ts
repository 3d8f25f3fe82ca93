import type { Decision, Reason } from '../core/decision.ts';
import type { Observation } from '../core/observation.ts';
import type { MonotonicMs } from '../core/units.ts';

/** What people see in `kubectl get events` of a transition. */
export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  /** In the form that Kubernetes asks of a reason: one word in upper camel case. */
  readonly reason: string;
  /** One sentence; the term is added to it. */
  readonly message: string;
}

/** What the details of a sentence are taken from. */
export interface Moment {
  readonly decision: Decision;
  readonly seen: Observation;
  /** Since when this agent has held the Lease without leading. */
  readonly heldSinceMs: MonotonicMs | null;
}

/** An announcement whose sentence may have a detail at its end: a duration, a name. */
interface Template extends Announcement {
  /** Without it, or when it gives `null`, the sentence stands alone. */
  readonly detail?: (moment: Moment) => string | null;
}

/** The transitions that are worth an Event. Everything else is in the log. */
const templates: ReadonlyMap<Reason, Template> = new Map([
  ['claim-new', normal('Claimed', 'Began the set: nobody has led it before')],
  ['restore-lease', warning('LeaseRestored', 'Wrote the lease that somebody had deleted again')],
  ['claim-released', normal('Claimed', 'Took the lease that its holder had released')],
  ['claim-expired', warning('Claimed', 'Took the lease: its holder was silent', silence)],
  ['promote', normal('Promoted', 'Made its Redis the primary', sinceHeld)],
  ['open-for-writes', normal('Leading', 'Leads: its Redis accepts writes', sinceHeld)],
  ['restarted-in-place', warning('Restarted', 'Its Redis restarted: leads on with its data')],
  ['follow-leader', normal('Following', 'Its Redis replicates from the leader')],
  [
    'redis-away-name-successor',
    warning('RedisAway', 'Its Redis is away: named a successor', redisAway),
  ],
  ['redis-away-nobody-fit', warning('RedisAway', 'Its Redis is away and no other pod is fit')],
  ['redis-away-await-quorum', warning('NoQuorum', `Its Redis is away${noQuorum()}`)],
  ['redis-away-await-newer', warning('DataMissing', `Its Redis is away${lateData()}`)],
  ['takeover-await-newer', warning('DataMissing', `Holds the lease${lateData()}`)],
  ['takeover-await-quorum', warning('NoQuorum', `Holds the lease${noQuorum()}`)],
  ['handover-name-successor', normal('HandedOver', 'Handed over without a lost write', paused)],
  ['handover-undo', warning('HandoverUndone', 'The successor did not catch up: leads on')],
  ['fence-not-holder', warning('Fenced', 'Refuses writes: another pod may lead')],
  ['fence-deadline-passed', warning('Fenced', 'Refuses writes: could not renew', unrenewed)],
  ['fence-hung-redis', warning('RedisHangs', 'Its Redis does not answer')],
  ['guard-lower', warning('GuardLowered', 'Lost replicas and goes on without', withReplicas)],
  ['guard-publish', normal('GuardRaised', 'Has replicas in step', withReplicas)],
  ['override-name', warning('Overridden', 'A person named the leader, whatever its data', named)],
  ['pause-by-hand', warning('Paused', 'A person changed whether there are failovers', pausedHow)],
  ['vacant-paused', warning('Paused', 'Nobody leads, and failovers are paused')],
  ['takeover-paused', warning('Paused', 'Another pod has better data, and failovers are paused')],
  ['vacant-not-fit', warning('NotFit', 'Nobody leads, and the data here are not fit to')],
  ['takeover-not-fit', warning('NotFit', 'Held the lease, and the data here are not fit to lead')],
]);

/** What to announce at a moment; `null` for most. */
export function announcementOf(moment: Moment): Announcement | null {
  const template = templates.get(moment.decision.reason);
  if (template === undefined) return null;
  const { type, reason, message } = template;
  const detail = template.detail?.(moment) ?? null;
  return { type, reason, message: detail === null ? message : `${message}, ${detail}` };
}

function normal(reason: string, message: string, detail?: Template['detail']): Template {
  return { type: 'Normal', reason, message, ...(detail === undefined ? {} : { detail }) };
}

function warning(reason: string, message: string, detail?: Template['detail']): Template {
  return { ...normal(reason, message, detail), type: 'Warning' };
}

function lateData(): string {
  return ', and nobody who answers has all that was acknowledged: waits for members that are not back';
}

function noQuorum(): string {
  return ', and too few members answer: others could have writes that were acknowledged';
}

function silence({ seen }: Moment): string | null {
  return seen.lease.kind === 'read' ? `for ${ms(seen.nowMs - seen.lease.seenAtMs)}` : null;
}

function sinceHeld({ seen, heldSinceMs }: Moment): string | null {
  return heldSinceMs === null ? null : `${ms(seen.nowMs - heldSinceMs)} after it got the lease`;
}

function redisAway({ seen }: Moment): string | null {
  return seen.redis.kind === 'up' ? null : `${ms(seen.nowMs - seen.redis.sinceMs)} after it went`;
}

function paused({ decision, seen }: Moment): string | null {
  const { handover } = decision.memory;
  return handover === null
    ? null
    : `writes have waited for ${ms(seen.nowMs - handover.pausedAtMs)} so far`;
}

function unrenewed({ seen }: Moment): string | null {
  const { confirmed, nowMs } = seen;
  return confirmed === null ? null : `the last renewal left ${ms(nowMs - confirmed.sentAtMs)} ago`;
}

function withReplicas({ decision }: Moment): string | null {
  const { action } = decision;
  return action.kind === 'write-lease'
    ? `a write needs ${action.record.requiredReplicas} from now on`
    : null;
}

function named({ decision }: Moment): string | null {
  const { action } = decision;
  const holder = action.kind === 'write-lease' ? action.record.holder : null;
  return holder?.pod ?? null;
}

function pausedHow({ seen }: Moment): string {
  return seen.requests.pause === true ? 'there are none now' : 'there are some again';
}

function ms(durationMs: number): string {
  return `${Math.round(durationMs)} ms`;
}
