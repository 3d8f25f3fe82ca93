import type { Surveyed } from '../workload/record.ts';

/** Those of a set that are not what they should be: one primary, and all others in step with it. */
export function outOfStep(surveyed: readonly Surveyed[], primary: string): Surveyed[] {
  return surveyed.filter(({ pod, role, link }) =>
    pod === primary ? role !== 'master' : role !== 'slave' || link !== 'up',
  );
}
