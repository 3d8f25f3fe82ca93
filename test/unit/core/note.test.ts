import { expect, test } from '@jest/globals';
import { dueNote, type LastNote, type Noteworthy } from '../../../agent/core/note.ts';
import { ago, aPosition, aRecord, aRedis, nowMs } from '../../support/turn.ts';

const note = { term: 3, replid: 'h3', offset: 900 };

function noted(change: Partial<Noteworthy>, last: LastNote | null = null): unknown {
  const seen = { record: aRecord(), redis: aRedis(), isLogBehind: false, nowMs };
  return dueNote(last, { ...seen, ...change });
}

test('a note says where the data stand in the recorded history', () => {
  expect(noted({})).toEqual(note);
});

test.each<[string, Partial<Noteworthy>]>([
  ['while the log on the disk is of other data', { isLogBehind: true }],
  ['of data that are not whole', { redis: aRedis({ position: aPosition({ whole: false }) }) }],
  ['of another history than the recorded one', { record: aRecord({ lineage: [] }) }],
  ['of a history that was left', { redis: aRedis({ position: aPosition({ replid: 'h2' }) }) }],
  ['without a Redis', { redis: { kind: 'down', sinceMs: nowMs } }],
  ['without a Lease', { record: null }],
])('there is no note %s', (_, change) => {
  expect(noted(change)).toBeNull();
});

test.each<[string, LastNote, unknown]>([
  ['at once for another term', { note: { ...note, term: 2 }, atMs: nowMs }, note],
  ['at once for another history', { note: { ...note, replid: 'h2' }, atMs: nowMs }, note],
  ['after a while for what went on', { note: { ...note, offset: 800 }, atMs: ago(5000) }, note],
  ['not yet for what went on', { note: { ...note, offset: 800 }, atMs: ago(4999) }, null],
  ['never for the same', { note, atMs: ago(50_000) }, null],
])('a note is written again %s', (_, last, expected) => {
  expect(noted({}, last)).toEqual(expected);
});
