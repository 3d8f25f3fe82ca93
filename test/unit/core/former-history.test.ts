import { expect, test } from '@jest/globals';
import {
  formerOf,
  isHalfPromoted,
  stillFormer,
  unpromoted,
  withPast,
} from '../../../agent/core/former-history.ts';
import { aPosition } from '../../support/turn.ts';

const hasBacklog = false;
const replica = { ...aPosition(), hasBacklog };
const promoted = {
  ...aPosition({ role: 'primary', replid: 'h4', replid2: 'h3', forkOffset: 900 }),
  hasBacklog,
};
const forgetful = {
  ...aPosition({ role: 'primary', replid: 'made-up', replid2: null }),
  hasBacklog: true,
};

test('a primary that has forgotten its past is placed by what it was promoted from', () => {
  const former = [replica, promoted, forgetful].reduce(stillFormer, formerOf(replica));
  expect(withPast(former, forgetful)).toEqual({ ...forgetful, replid2: 'h3', forkOffset: 900 });
});

test('it is still placed so when it has become a replica of nowhere', () => {
  const withdrawn = { ...aPosition({ replid: 'made-up' }), hasBacklog: true };
  const former = [forgetful, withdrawn].reduce(stillFormer, formerOf(replica));
  expect(withPast(former, withdrawn)).toMatchObject({ replid: 'made-up', replid2: 'h3' });
});

test('a past that Redis knows itself is left as it is', () => {
  expect(withPast(stillFormer(formerOf(replica), promoted), promoted)).toEqual(promoted);
});

test('another history ends it, and it does not come back', () => {
  const other = { ...aPosition({ replid: 'h5' }), hasBacklog: true };
  const former = [forgetful, other, forgetful].reduce(stillFormer, formerOf(replica));
  expect(former).toBeNull();
});

test('data of another that come before the promotion does end it', () => {
  const resynced = { ...replica, replid: 'h5', hasBacklog: true };
  expect([resynced, forgetful].reduce(stillFormer, formerOf(replica))).toBeNull();
});

test('a promotion that has not come to its end leaves the data what they were', () => {
  const former = stillFormer(formerOf(replica), promoted);
  expect(isHalfPromoted(former, { role: 'primary', hasBacklog: false })).toBe(true);
  const { replid, offset } = replica;
  expect(unpromoted(former!, promoted)).toMatchObject({ role: 'replica', replid, offset });
});

test('with a backlog, or as a replica, a promotion is not half done', () => {
  const former = formerOf(replica);
  expect(isHalfPromoted(former, { role: 'primary', hasBacklog: true })).toBe(false);
  expect(isHalfPromoted(former, { role: 'replica', hasBacklog: false })).toBe(false);
  const ended = stillFormer(former, forgetful);
  expect(isHalfPromoted(ended, { role: 'primary', hasBacklog: false })).toBe(false);
});
