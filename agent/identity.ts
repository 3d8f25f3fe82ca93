import type { Member } from './core/units.ts';

/** A pod by name and UID in one text, as the Lease's `holderIdentity` has it. */
export function identityOf({ pod, uid }: Member): string {
  return `${pod}/${uid}`;
}

/** Reads what `identityOf` wrote; `null` when it is something else. */
export function memberOf(identity: string): Member | null {
  const [pod, uid] = identity.split('/');
  return pod === undefined || pod === '' || uid === undefined ? null : { pod, uid };
}
