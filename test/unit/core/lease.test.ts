import { expect, test } from '@jest/globals';
import {
  claimed,
  isHeldBy,
  recorded,
  recordedHead,
  released,
  renewed,
  transferred,
  unwritten,
  type Handover,
} from '../../../agent/core/lease.ts';
import { aPeer, aRecord, aRecordOfOurs, aSelf } from '../../support/turn.ts';

const handover: Handover = { from: 'node-0', cause: 'switchover', replid: 'h3', offset: 900 };

test('a claim begins a term above all that anybody speaks of', () => {
  expect(claimed(aRecord(), aSelf(), 0)).toMatchObject({ term: 4, transitions: 4, handover: null });
  expect(claimed(aRecord(), aSelf(), 8).term).toBe(9);
  expect(claimed(unwritten, aSelf(), 0)).toMatchObject({
    term: 1,
    revision: null,
    initialized: false,
  });
});

test('a claim keeps what is known of the data', () => {
  const { lineage, initialized } = aRecord();
  expect(claimed(aRecord(), aSelf(), 0)).toMatchObject({ lineage, initialized });
});

test('a transfer names the successor, its address and what it has to have', () => {
  const { pod, uid, address } = aPeer(2);
  expect(transferred(aRecordOfOurs(), aPeer(2), handover)).toMatchObject({
    holder: { pod, uid },
    address,
    term: 4,
    transitions: 4,
    handover,
  });
});

test('a hand-over says where the last write of a history is; other causes do not know', () => {
  const [older, head] = aRecordOfOurs().lineage;
  const { lineage } = transferred(aRecordOfOurs(), aPeer(2), handover);
  expect(lineage).toEqual([older, { ...head, end: 900 }]);
  const crashed = { ...handover, cause: 'redis-down' } as const;
  expect(transferred(aRecordOfOurs(), aPeer(2), crashed).lineage).toEqual([older, head]);
});

test('what is recorded is the head of the term, and makes an empty data set unfit from then on', () => {
  const claim = claimed(aRecord({ initialized: false }), aSelf(), 0);
  expect(recordedHead(claim)).toBeNull();
  const record = recorded(claim, {
    replid: 'h4',
    offset: 900,
    ownOffset: 928,
    requiredReplicas: 1,
  });
  expect(recordedHead(record)).toEqual({ term: 4, replid: 'h4', offset: 900 });
  expect(record).toMatchObject({ initialized: true, handover: null, requiredReplicas: 1 });
});

test('how far a set has come is counted as the copies of its newest history count', () => {
  const claim = claimed(aRecord({ lastOffset: 5000 }), aSelf(), 0);
  const begun = { replid: 'h4', offset: 900, requiredReplicas: 1 };
  expect(recorded(claim, { ...begun, ownOffset: 928 }).lastOffset).toBe(900);
  // Back from an append-only file, Redis counts from nothing, and its copies with it.
  expect(recorded(claim, { ...begun, ownOffset: 14 }).lastOffset).toBe(14);
});

test('a term is recorded once only', () => {
  const begun = { replid: 'h9', offset: 1, ownOffset: 1, requiredReplicas: 0 };
  expect(() => recorded(aRecord(), begun)).toThrow('INVARIANT: term 3 was recorded before');
});

test('a renewal changes nothing but the address, which a restart may have changed', () => {
  const record = aRecordOfOurs({ address: '10.9.9.9' });
  expect(renewed(record, aSelf())).toEqual({ ...record, address: aSelf().address });
});

test('a released lease has no holder and keeps its term', () => {
  expect(released(aRecord({ handover }))).toEqual(aRecord({ holder: null, address: null }));
});

test('a pod of the same name and another UID is not the holder', () => {
  expect(isHeldBy(aRecordOfOurs(), aSelf())).toBe(true);
  expect(isHeldBy(aRecordOfOurs(), aSelf({ uid: 'twin' }))).toBe(false);
  expect(isHeldBy(aRecord({ holder: null }), aSelf())).toBe(false);
});
