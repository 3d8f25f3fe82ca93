import { expect, test } from '@jest/globals';
import { parseLease } from '../../../agent/kube/lease-object.ts';

const metadata = { name: 'leader', resourceVersion: '7', annotations: { 'regent.dev/term': '3' } };

test('a Lease keeps its version and annotations, and its times become dates', () => {
  const spec = { holderIdentity: 'a/b', renewTime: '2026-11-20T13:06:26.123456Z' };
  const lease = parseLease({ metadata, spec });
  expect(lease).toMatchObject({ metadata, spec: { holderIdentity: 'a/b' } });
  expect(lease?.spec?.renewTime?.getTime()).toBe(Date.parse('2026-11-20T13:06:26.123Z'));
});

test('a Lease without a spec is one', () => {
  expect(parseLease({ metadata })).toMatchObject({ metadata });
});

test.each([
  null,
  'lease',
  7,
  {},
  { metadata: null },
  { metadata, spec: null },
  { metadata, spec: 'x' },
])('%j is no Lease', (value) => {
  expect(parseLease(value)).toBeNull();
});
