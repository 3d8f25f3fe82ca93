import { expect, test } from '@jest/globals';
import { durabilityFault, durabilityOf } from '../../../agent/core/durability.ts';

const unset = { durability: null, onReplicaLoss: null };

test.each([
  [1, 0],
  [2, 0],
  [3, 1],
  [5, 1],
])('a set of %i pods asks for %i replicas unless a person says otherwise', (members, replicas) => {
  expect(durabilityOf(unset, members)).toEqual({
    requiredReplicas: replicas,
    onReplicaLoss: 'degrade',
    strictQuorum: false,
  });
});

test('a set never asks for replicas that it cannot have', () => {
  expect(durabilityOf({ ...unset, durability: 'guarded' }, 1).requiredReplicas).toBe(0);
  expect(durabilityOf({ ...unset, durability: 'guarded' }, 2).requiredReplicas).toBe(1);
});

test('strict refuses writes rather than lower what they need, and promotes with a quorum only', () => {
  expect(durabilityOf({ ...unset, durability: 'strict' }, 3)).toEqual({
    requiredReplicas: 1,
    onReplicaLoss: 'block',
    strictQuorum: true,
  });
});

test('strict that goes on with fewer copies is refused by name', () => {
  const asked = { durability: 'strict', onReplicaLoss: 'degrade' } as const;
  expect(durabilityFault(asked)).toContain('strict never lowers what a write needs');
  expect(durabilityFault({ ...asked, durability: 'guarded' })).toBeNull();
  expect(durabilityFault(unset)).toBeNull();
});
