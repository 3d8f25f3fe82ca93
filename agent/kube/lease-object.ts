import { V1MicroTime, type V1Lease } from '@kubernetes/client-node';
import { ObjectSerializer } from '@kubernetes/client-node/dist/gen/models/ObjectSerializer.js';

/**
 * Makes a Lease of parsed JSON, as it comes from a watch or from another agent. Only the shape is
 * ensured: what the fields say is for the reader of the record to judge.
 *
 * @returns `null` when it is no Lease.
 */
export function parseLease(value: unknown): V1Lease | null {
  if (typeof value !== 'object' || value === null) return null;
  const { metadata, spec }: Readonly<Record<string, unknown>> = { ...value };
  // `spec` may be absent, in a Lease that somebody made by hand.
  if (!isObject(metadata) || (spec !== undefined && !isObject(spec))) return null;
  return withTimes(ObjectSerializer.deserialize(value, 'V1Lease', '') as V1Lease);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** client-node says that the times of a Lease are dates, and leaves them the strings they came as. */
export function withTimes(lease: V1Lease): V1Lease {
  const { spec } = lease;
  if (spec === undefined) return lease;
  const { renewTime, acquireTime } = spec;
  if (renewTime !== undefined) spec.renewTime = asTime(renewTime);
  if (acquireTime !== undefined) spec.acquireTime = asTime(acquireTime);
  return lease;
}

function asTime(value: V1MicroTime): V1MicroTime {
  return value instanceof V1MicroTime ? value : new V1MicroTime(value);
}
