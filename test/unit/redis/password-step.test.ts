import { expect, test } from '@jest/globals';
import {
  allows,
  nextStep,
  type PasswordFacts,
  type PasswordStep,
} from '../../../agent/redis/password-step.ts';

const settled: PasswordFacts = {
  wanted: 'new',
  accepted: ['new'],
  usesWanted: true,
  configured: ['new'],
};
const both = ['old', 'new'];

test.each<readonly [string, Partial<PasswordFacts>, PasswordStep | null]>([
  ['a settled Redis', {}, null],
  [
    'one that has the old one',
    { accepted: ['old'], configured: ['old'], usesWanted: false },
    'accept',
  ],
  [
    'one whose agent ended before it told Redis',
    { accepted: ['old'], configured: both, usesWanted: false },
    'accept',
  ],
  ['one that was given the new one by hand', { configured: ['old'], usesWanted: false }, 'accept'],
  ['one that accepts both', { accepted: both, configured: both, usesWanted: false }, 'use'],
  ['one that uses the new one', { accepted: both, configured: both }, 'drop'],
  ['one whose agent ended before it wrote redis.conf', { configured: both }, 'drop'],
  ['one that came up with the new one, and not yet uses it', { usesWanted: false }, 'use'],
  ['one with a third password, by hand', { accepted: ['new', 'third'] }, null],
  ['one whose password was changed by hand', { accepted: ['third'], configured: ['old'] }, null],
  ['one that needs no password', { accepted: [], configured: ['old'] }, null],
])('%s', (_name, facts, step) => {
  expect(nextStep({ ...settled, ...facts })).toBe(step);
});

test('carried out one after the other, the steps end', () => {
  let facts: PasswordFacts = {
    ...settled,
    accepted: ['old'],
    configured: ['old'],
    usesWanted: false,
  };
  const taken: PasswordStep[] = [];
  for (let step = nextStep(facts); step !== null; step = nextStep(facts)) {
    taken.push(step);
    if (step === 'accept') facts = { ...facts, accepted: both, configured: both };
    if (step === 'use') facts = { ...facts, usesWanted: true };
    if (step === 'drop') facts = settled;
  }
  expect(taken).toEqual(['accept', 'use', 'drop']);
});

test('a member is waited for until it is as far as the step needs', () => {
  const accepting = { accepts: 'new', uses: 'old' };
  const using = { accepts: 'new', uses: 'new' };
  const late = { accepts: 'old', uses: 'old' };
  expect(allows('accept', 'new', null)).toBe(true);
  expect([null, late, accepting, using].map((said) => allows('use', 'new', said))).toEqual([
    ...[false, false, true, true],
  ]);
  expect([null, late, accepting, using].map((said) => allows('drop', 'new', said))).toEqual([
    ...[false, false, false, true],
  ]);
});
