import { expect, test } from '@jest/globals';
import type { V1Lease } from '@kubernetes/client-node';
import { handoverCauses, recorded, renewed, transferred } from '../../../agent/core/lease.ts';
import { changesMax, historyOf } from '../../../agent/kube/lease-history.ts';
import { leaseOf, recordOf } from '../../../agent/kube/lease-record.ts';
import { aRecord } from '../../support/turn.ts';

const at = new Date('2026-11-20T16:00:00.000Z');
const metadata = { name: 'set-leader', namespace: 'default' };
const frame = { metadata, leaseDurationSeconds: 6, renewTime: at };
const node2 = { pod: 'node-2', uid: 'uid-2', address: '10.0.0.3' };
const handover = { from: 'node-1', replid: 'h3', offset: 900 };

/** The Lease after `record` was written over `before`. */
function after(before: V1Lease, record: Parameters<typeof leaseOf>[0]): V1Lease {
  return leaseOf(record, { ...frame, metadata: before.metadata! });
}

/** `term` led by `node-<n>`, which began its history. */
function led(before: V1Lease, term: number, n: number): V1Lease {
  const record = { ...recordOf(before), holder: { pod: `node-${n}`, uid: `uid-${n}` }, term };
  const begun = { replid: `r${term}`, offset: term, ownOffset: term, requiredReplicas: 0 };
  return after(before, recorded(record, begun));
}

test.each(handoverCauses)('a record is read as it was written, with a hand-over: %s', (cause) => {
  const record = aRecord({ requiredReplicas: 1, paused: true, handover: { ...handover, cause } });
  expect(recordOf(leaseOf(record, frame))).toEqual(record);
});

test('a lineage keeps where a history ended, and not what makes no sense', () => {
  const [older, head] = aRecord().lineage;
  const record = aRecord({ lineage: [{ ...older!, end: 500 }, head!] });
  const lease = leaseOf(record, frame);
  expect(recordOf(lease)).toEqual(record);
  const annotations = { ...lease.metadata!.annotations };
  const key = 'regent.dev/lineage';
  annotations[key] = annotations[key]!.replace('"end":500', '"end":-1');
  expect(recordOf({ metadata: { ...metadata, annotations } }).lineage).toEqual([older, head]);
});

test.each(['-1', '1.5', 'many', ''])('W that was edited to %j by hand counts as none', (text) => {
  const written = leaseOf(aRecord({ requiredReplicas: 1 }), frame).metadata!;
  const annotations = { ...written.annotations, 'regent.dev/required-replicas': text };
  expect(recordOf({ metadata: { ...metadata, annotations } }).requiredReplicas).toBe(0);
});

test('a Lease of an agent that did not write the size of the set has none', () => {
  const { 'regent.dev/members': size, ...annotations } = leaseOf(aRecord(), frame).metadata!
    .annotations!;
  expect(size).toBe('3');
  expect(recordOf({ metadata: { ...metadata, annotations } }).members).toBe(0);
});

test('a term is in the history once it is led, with the cause for which its leader was named', () => {
  const first = led({ metadata }, 1, 1);
  const named = after(
    first,
    transferred(recordOf(first), node2, { ...handover, cause: 'redis-hung' }),
  );
  expect(historyOf(named.metadata!).map(({ term }) => term)).toEqual([1]);
  const begun = { replid: 'r2', offset: 5, ownOffset: 5, requiredReplicas: 0 };
  const second = after(named, recorded(recordOf(named), begun));
  const last = after(second, renewed(recordOf(second), node2));
  expect(historyOf(last.metadata!)).toEqual([
    { term: 1, pod: 'node-1', cause: 'claimed', at: '2026-11-20T16:00:00.000Z' },
    { term: 2, pod: 'node-2', cause: 'redis-hung', at: '2026-11-20T16:00:00.000Z' },
  ]);
});

test('the history keeps the newest changes', () => {
  let lease: V1Lease = { metadata };
  for (let term = 1; term <= changesMax + 3; term += 1) lease = led(lease, term, term % 3);
  const terms = historyOf(lease.metadata!).map(({ term }) => term);
  expect(terms).toHaveLength(changesMax);
  expect(terms[0]).toBe(4);
});

test('of a history that was edited by hand the changes count that can be read', () => {
  const change = { term: 1, pod: 'node-1', cause: 'claimed', at: 'x' };
  const history = JSON.stringify([change, { term: 'two' }, 3, null, { ...change, term: 2 }]);
  const annotations = { 'regent.dev/history': history };
  expect(historyOf({ annotations }).map(({ term }) => term)).toEqual([1, 2]);
  expect(historyOf({ annotations: { 'regent.dev/history': 'no JSON' } })).toEqual([]);
  expect(historyOf({ annotations: { 'regent.dev/history': '{}' } })).toEqual([]);
});

test('what others wrote beside the record stays', () => {
  const lease = { metadata: { ...metadata, annotations: { 'their/note': 'x' } } };
  expect(led(lease, 1, 1).metadata!.annotations).toMatchObject({ 'their/note': 'x' });
});
