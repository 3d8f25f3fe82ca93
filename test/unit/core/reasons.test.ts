import { expect, test } from '@jest/globals';
import { reasons } from '../../../agent/core/decision.ts';
import { exemplars } from '../../support/situations.ts';
import { decideIn } from '../../support/turn.ts';

test.each(reasons)('there is a situation in which an agent gives the reason %s', (reason) => {
  const { action, ...situation } = exemplars[reason];
  const decision = decideIn(situation);
  expect([decision.reason, decision.action.kind]).toEqual([reason, action]);
});

test('every reason is listed once', () => {
  expect(new Set(reasons).size).toBe(reasons.length);
});
