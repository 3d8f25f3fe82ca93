import type { Decision, Reason } from '../core/decision.ts';
import type { Observation } from '../core/observation.ts';
import type { Log } from '../log.ts';

/** Reasons of the ordinary course: they come round with every renewal and every look. */
const ordinary: ReadonlySet<Reason> = new Set([
  'renew',
  'ask-promises',
  'keep-in-touch',
  'route-clients',
  'lease-write-pending',
  'takeover-await-members',
  'follow-ask-leader',
  'handover-await-offset',
  'redis-away-nobody-fit',
  'redis-away-ask-peers',
]);

/** Reasons that somebody should look into when they come often. */
const alarming: ReadonlySet<Reason> = new Set([
  'fence-not-holder',
  'fence-deadline-passed',
  'fence-hung-redis',
  'redis-away-name-successor',
  'renew-late',
  'handover-undo',
  'takeover-not-fit',
  'takeover-await-quorum',
  'redis-away-await-quorum',
  'takeover-await-newer',
  'redis-away-await-newer',
  'guard-lower',
  'override-fence',
  'override-name',
  'vacant-not-fit',
]);

/** Makes the function that logs transitions: one line for each, its message the reason's code. */
export function journal(log: Log): (decision: Decision, seen: Observation) => void {
  let last: Reason | null = null;
  return (decision, seen) => {
    const { reason, action } = decision;
    if (reason === last) return;
    if (ordinary.has(reason)) {
      log.debug({ action: action.kind }, reason);
      return;
    }
    last = reason;
    const details = { action: action.kind, ...situation(seen) };
    if (alarming.has(reason)) log.warn(details, reason);
    else log.info(details, reason);
  };
}

function situation({ lease, redis }: Observation): object {
  const record = lease.kind === 'read' ? lease.record : null;
  const position = redis.kind === 'up' ? redis.position : null;
  return {
    term: record?.term ?? 0,
    holder: record?.holder?.pod ?? null,
    redis: position?.role ?? redis.kind,
    ...(position === null ? {} : { offset: position.offset, keys: position.keys }),
  };
}
