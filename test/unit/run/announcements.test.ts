import { expect, test } from '@jest/globals';
import type { Reason } from '../../../agent/core/decision.ts';
import { noRequests, type Observation } from '../../../agent/core/observation.ts';
import { announcementOf, type Announcement } from '../../../agent/run/announcements.ts';
import { Outage } from '../../../agent/run/outage.ts';
import { exemplars } from '../../support/situations.ts';
import {
  aLeadersObservation,
  aSight,
  aRecordOfOurs,
  ago,
  decideIn,
  nowMs,
} from '../../support/turn.ts';

/** What is announced in the situation that stands for a reason. */
function announced(reason: Reason, change: Partial<Observation> = {}): Announcement | null {
  const situation = exemplars[reason];
  const seen = { ...situation.seen, ...change };
  const decision = decideIn({ ...situation, seen });
  if (decision.reason !== reason) throw new Error(`the reason is ${decision.reason}`);
  return announcementOf({ decision, seen, heldSinceMs: ago(38) });
}

test.each(Object.keys(exemplars) as Reason[])(
  'what is announced of %s is a sentence for a person',
  (reason) => {
    const announcement = announced(reason);
    if (announcement === null) return;
    expect(announcement.reason).toMatch(/^([A-Z][a-z]+)+$/);
    expect(announcement.message).toMatch(/^[A-Z][^\n]+[^.,: ]$/);
    expect(announcement.message).not.toMatch(/undefined|null|NaN|Infinity|\d\.\d/);
  },
);

test.each<[Reason, string]>([
  ['promote', 'Made its Redis the primary, 38 ms after it got the lease'],
  ['open-for-writes', 'Leads: its Redis accepts writes, 38 ms after it got the lease'],
  ['redis-away-name-successor', 'Its Redis is away: named a successor, 100 ms after it went'],
  ['fence-deadline-passed', 'Refuses writes: could not renew, the last renewal left 4200 ms ago'],
  ['guard-lower', 'Lost replicas and goes on without, a write needs 0 from now on'],
  ['guard-publish', 'Has replicas in step, a write needs 1 from now on'],
])('%s is announced with its numbers', (reason, message) => {
  expect(announced(reason)?.message).toBe(message);
});

test('what comes round with every renewal is not announced', () => {
  expect(announced('renew')).toBeNull();
  expect(announced('leading')).toBeNull();
  expect(announced('ask-promises')).toBeNull();
});

test('a pause and its end are told apart', () => {
  const paused = announced('pause-by-hand', { requests: { ...noRequests, pause: true } });
  expect(paused?.message).toBe('A person changed whether there are failovers, there are none now');
  const record = aRecordOfOurs({ paused: true });
  const resumed = announced('pause-by-hand', {
    ...aLeadersObservation({ lease: aSight(record) }),
    requests: { ...noRequests, pause: false },
  });
  expect(resumed?.message).toBe(
    'A person changed whether there are failovers, there are some again',
  );
});

const asking = decideIn(exemplars['ask-promises']);
const renewing = decideIn(exemplars.renew);
const following = decideIn(exemplars.following);

function at(ms: number, leaseFailedAtMs: Observation['leaseFailedAtMs']): Observation {
  return aLeadersObservation({ nowMs: ago(-ms), leaseFailedAtMs });
}

test('an outage is announced when it is over, with how long it was', () => {
  const outage = new Outage();
  expect(outage.turn(asking, at(0, nowMs))).toBeNull();
  expect(outage.turn(asking, at(500, nowMs))).toBeNull();
  expect(outage.turn(renewing, at(60_000, nowMs))).toBeNull();
  const ended = outage.turn(renewing, at(60_250, null));
  expect(ended).toMatchObject({ type: 'Warning', reason: 'ApiServerAway' });
  expect(ended?.message).toContain('was away for 60250 ms');
  expect(outage.turn(renewing, at(61_000, null))).toBeNull();
});

test('an outage in which another took over is announced by the fence', () => {
  const outage = new Outage();
  outage.turn(asking, at(0, nowMs));
  outage.turn(following, at(9000, nowMs));
  expect(outage.turn(renewing, at(9500, null))).toBeNull();
});
