import { expect, test } from '@jest/globals';
import {
  expiresAt,
  isGivenAway,
  known,
  leadsUntil,
  mayLead,
  mayWriteAt,
  tenantOf,
} from '../../../agent/core/tenure.ts';
import { after } from '../../../agent/core/units.ts';
import {
  aLeadersObservation,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aTurn,
  ago,
  anObservation,
  nowMs,
  timing,
} from '../../support/turn.ts';

test('the right to lead ends a fence deadline after the last good renewal left', () => {
  const tenant = tenantOf(aTurn({ seen: aLeadersObservation() }));
  const untilMs = after(ago(200), timing.fenceDeadlineMs);
  expect(leadsUntil(tenant, aRecordOfOurs())).toBe(untilMs);
  const { position } = aPrimary();
  expect(mayLead({ ...tenant, nowMs: after(untilMs, -1) }, aRecordOfOurs(), position)).toBe(true);
  expect(mayLead({ ...tenant, nowMs: untilMs }, aRecordOfOurs(), position)).toBe(false);
});

test.each([
  ['was confirmed in another term', { confirmed: { term: 2, sentAtMs: ago(1) } }],
  ['was never confirmed by this process', { confirmed: null }],
])('a holder whose lease %s may not lead', (_, change) => {
  const tenant = tenantOf(aTurn({ seen: aLeadersObservation(change) }));
  expect(leadsUntil(tenant, aRecordOfOurs())).toBeNull();
});

test('a leader whose Redis has another history than the recorded one may not lead', () => {
  const tenant = tenantOf(aTurn({ seen: aLeadersObservation() }));
  const { position } = aPrimary();
  expect(mayLead(tenant, aRecordOfOurs(), { ...position, replid: 'other' })).toBe(false);
  expect(mayLead(tenant, aRecordOfOurs(), { ...position, role: 'replica' })).toBe(false);
  expect(mayLead(tenant, aRecord(), position)).toBe(false);
});

test('a lease expires a lease duration, and what clocks may differ by, after its last change was seen', () => {
  const turn = aTurn({ seen: anObservation() });
  expect(expiresAt(turn, { record: aRecord(), seenAtMs: nowMs })).toBe(nowMs + 6060);
});

test('who deletes the Lease does not make an agent forget what it said, but for a pause', () => {
  const lastRecord = aRecord({ paused: true });
  const lease = { kind: 'absent', seenAtMs: ago(5) } as const;
  const turn = aTurn({ memory: { lastRecord }, seen: anObservation({ lease }) });
  expect(known(turn)).toEqual({
    record: { ...lastRecord, revision: null, paused: false },
    seenAtMs: ago(5),
  });
});

test('a lease that was given away is taken back only by a later write that was confirmed', () => {
  const seen = aLeadersObservation({ confirmed: { term: 3, sentAtMs: ago(200) } });
  expect(isGivenAway(aTurn({ seen }))).toBe(false);
  expect(isGivenAway(aTurn({ seen, memory: { givenAwayAtMs: ago(200) } }))).toBe(true);
  expect(isGivenAway(aTurn({ seen, memory: { givenAwayAtMs: ago(201) } }))).toBe(false);
});

test('the Lease is written by one request at a time, and not at once after one that failed', () => {
  expect(mayWriteAt(aTurn({ seen: anObservation() }))).toBe(nowMs);
  const busy = anObservation({ busy: { lease: true, route: false } });
  expect(mayWriteAt(aTurn({ seen: busy }))).toBeNull();
  const failed = anObservation({ leaseFailedAtMs: ago(50) });
  expect(mayWriteAt(aTurn({ seen: failed }))).toBe(after(ago(50), 200));
});
