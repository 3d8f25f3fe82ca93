import type { Reason } from '../core/decision.ts';

/** What people see in `kubectl get events` of a transition. */
export interface Announcement {
  readonly type: 'Normal' | 'Warning';
  /** In the form that Kubernetes asks of a reason: one word in upper camel case. */
  readonly reason: string;
  /** One sentence; the term is added to it. */
  readonly message: string;
}

/** The transitions that are worth an Event. Everything else is in the log. */
const announcements: ReadonlyMap<Reason, Announcement> = new Map([
  ['claim-new', normal('Claimed', 'Began the set: nobody has led it before')],
  ['claim-released', normal('Claimed', 'Took the lease that its holder had released')],
  ['claim-expired', warning('Claimed', 'Took the lease: its holder was silent for too long')],
  ['promote', normal('Promoted', 'Made its Redis the primary')],
  ['open-for-writes', normal('Leading', 'Leads: its Redis accepts writes')],
  ['follow-leader', normal('Following', 'Its Redis replicates from the leader')],
  ['redis-away-name-successor', warning('RedisAway', 'Its Redis is away: named a successor')],
  ['redis-away-nobody-fit', warning('RedisAway', 'Its Redis is away and no other pod is fit')],
  ['handover-name-successor', normal('HandedOver', 'Handed over without a lost write')],
  ['handover-undo', warning('HandoverUndone', 'The successor did not catch up: leads on')],
  ['fence-not-holder', warning('Fenced', 'Refuses writes: another pod may lead')],
  ['fence-deadline-passed', warning('Fenced', 'Refuses writes: could not renew the lease')],
  ['vacant-not-fit', warning('NotFit', 'Nobody leads, and the data here are not fit to')],
  ['takeover-not-fit', warning('NotFit', 'Held the lease, and the data here are not fit to lead')],
]);

/** What to announce for a decision; `null` for most. */
export function announcementOf(reason: Reason): Announcement | null {
  return announcements.get(reason) ?? null;
}

function normal(reason: string, message: string): Announcement {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): Announcement {
  return { type: 'Warning', reason, message };
}
