import { expect, test } from '@jest/globals';
import { explainText, historyText, statusText } from '../../../agent/cli/set-report.ts';
import { parseSetView, type SetView } from '../../../agent/http/set-view.ts';

const view: SetView = {
  pod: 'my-redis-node-0',
  leader: 'my-redis-node-0',
  term: 7,
  requiredReplicas: 1,
  wantedReplicas: 1,
  paused: false,
  notes: [],
  members: [
    {
      pod: 'my-redis-node-0',
      role: 'leader',
      term: 7,
      offset: 123_456,
      lagBytes: null,
      state: 'leading',
      why: 'leads: it holds the lease',
    },
    {
      pod: 'my-redis-node-1',
      role: 'follower',
      term: 7,
      offset: 123_400,
      lagBytes: 56,
      state: 'following',
      why: 'does not lead: my-redis-node-0 holds the lease',
    },
    {
      pod: 'my-redis-node-2',
      role: 'silent',
      term: null,
      offset: null,
      lagBytes: null,
      state: 'silent',
      why: 'may not lead: its agent does not answer',
    },
  ],
  history: [
    { term: 6, pod: 'my-redis-node-2', cause: 'claimed', at: '2026-11-20T16:00:00.000Z' },
    { term: 7, pod: 'my-redis-node-0', cause: 'redis-down', at: '2026-11-20T16:10:00.000Z' },
  ],
};

test('status is a table of the pods, and what is to be known of the set', () => {
  expect(statusText(view).split('\n')).toEqual([
    'POD              ROLE      TERM  OFFSET  LAG  STATE',
    'my-redis-node-0  leader    7     123456  -    leading',
    'my-redis-node-1  follower  7     123400  56   following',
    'my-redis-node-2  silent    -     -       -    silent',
    '',
    'leader      my-redis-node-0',
    'term        7',
    'durability  a write needs 1 replica in step',
    'paused      no',
  ]);
});

test('a lowered guard, a pause and a set without a leader show', () => {
  const notes = ['Nobody has data that may lead.'];
  const lines = statusText({ ...view, leader: null, requiredReplicas: 0, paused: true, notes });
  expect(lines.split('\n').slice(-5)).toEqual([
    'leader      nobody',
    'term        7',
    'durability  a write needs 0 replicas in step, 1 once enough replicas are',
    'paused      yes: no failovers until regent resume',
    'Nobody has data that may lead.',
  ]);
});

test('explain has what ails the set, then a sentence for each pod', () => {
  const notes = ['Nobody has data that may lead.'];
  expect(explainText({ ...view, paused: true, notes }).split('\n')).toEqual([
    'Failovers are paused: regent resume ends that.',
    'Nobody has data that may lead.',
    'my-redis-node-0 leads: it holds the lease',
    'my-redis-node-1 does not lead: my-redis-node-0 holds the lease',
    'my-redis-node-2 may not lead: its agent does not answer',
  ]);
});

test('history is one line for each change', () => {
  expect(historyText(view.history).split('\n')).toEqual([
    'TERM  POD              CAUSE       AT',
    '6     my-redis-node-2  claimed     2026-11-20T16:00:00.000Z',
    '7     my-redis-node-0  redis-down  2026-11-20T16:10:00.000Z',
  ]);
  expect(historyText([])).toBe('nobody has led yet');
});

test('a view is read as it was sent', () => {
  expect(parseSetView(JSON.parse(JSON.stringify(view)))).toEqual(view);
});

test.each([
  [{ ...view, term: -1 }, 'term: found -1'],
  [{ ...view, members: null }, 'members: found null'],
  [{ ...view, members: [{ ...view.members[0], role: 'king' }] }, 'role: found "king"'],
  [{ ...view, history: [{}] }, 'cause: found undefined'],
  ['no view', 'pod: found undefined'],
])('what is no view of a set is not believed: %#', (said, sentence) => {
  expect(() => parseSetView(said)).toThrow(sentence);
});
