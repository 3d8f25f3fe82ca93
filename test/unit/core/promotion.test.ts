import { expect, test } from '@jest/globals';
import { aClaimant } from '../../support/claimant.ts';
import {
  aPosition,
  aPrimary,
  aRecord,
  aRecordOfOurs,
  aSight,
  decideIn,
} from '../../support/turn.ts';

const promoted = { from: 'h3', shared: null, isForeign: false };
const ourPromotion = aPosition({ role: 'primary', replid: 'h4', replid2: 'h3', forkOffset: 900 });

test('a promotion is recorded where it began, whatever pings have come since', () => {
  const redis = aPrimary({ fenced: true, position: { ...ourPromotion, offset: 928 } });
  expect(decideIn(aClaimant({ redis }, { promoted })).action).toMatchObject({
    kind: 'write-lease',
    record: { lineage: [...aRecord().lineage, { term: 4, replid: 'h4', offset: 900 }] },
  });
});

test('a promotion from a history that has ended begins where its last write is', () => {
  const [older, head] = aRecord().lineage;
  const lineage = [older!, { ...head!, end: 886 }];
  const seen = {
    lease: aSight(aRecordOfOurs({ term: 4, lineage })),
    redis: aPrimary({ fenced: true, position: ourPromotion }),
  };
  expect(decideIn(aClaimant(seen, { promoted })).action).toMatchObject({
    record: { lineage: [...lineage, { term: 4, replid: 'h4', offset: 886 }] },
  });
});

test('a promotion on top of one that was never recorded counts for what it shares with the line', () => {
  const position = { ...ourPromotion, replid2: 'lost', forkOffset: 914 };
  const seen = { redis: aPrimary({ fenced: true, position }) };
  const remembered = { promoted: { from: 'lost', shared: 880, isForeign: false } };
  expect(decideIn(aClaimant(seen, remembered)).action).toMatchObject({
    record: { lineage: [...aRecord().lineage, { term: 4, replid: 'h4', offset: 880 }] },
  });
});

test('data that went on with a deposed leader before they were promoted do not lead (I3)', () => {
  const gaveUp = (offset: number) => {
    const lineage = [
      { term: 2, replid: 'h3', offset: 500 },
      { term: 3, replid: 'later', offset },
    ];
    const lease = aSight(aRecordOfOurs({ term: 4, lineage }));
    const redis = aPrimary({ fenced: true, position: ourPromotion });
    return decideIn(aClaimant({ lease, redis }, { promoted }));
  };
  expect(gaveUp(880)).toMatchObject({
    reason: 'takeover-not-fit',
    action: { record: { holder: null } },
  });
  expect(gaveUp(900).reason).not.toBe('takeover-not-fit');
});

test('data from elsewhere are recorded all the same once they were allowed to lead', () => {
  const position = { ...ourPromotion, replid2: 'elsewhere' };
  const redis = aPrimary({ fenced: true, position });
  const remembered = { promoted: { from: 'elsewhere', shared: null, isForeign: true } };
  expect(decideIn(aClaimant({ redis }, remembered)).action).toMatchObject({
    record: { lineage: [{ term: 4, replid: 'h4', offset: 900 }] },
  });
});

test('a promotion that somebody else made is not recorded', () => {
  const redis = aPrimary({ fenced: true, position: ourPromotion });
  expect(decideIn(aClaimant({ redis })).reason).toBe('takeover-start-over');
});
