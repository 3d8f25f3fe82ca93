import type { Answered } from '../workload/record.ts';

/**
 * Since when all pods have been in step, by what each of them answered: it leads, or its link is there
 * and what it lacked has been copied.
 *
 * @param pods changes of each pod's answer, in the order of time
 * @param sinceMs when something happened: `sinceMs` itself if nobody fell behind after it
 * @returns an instant, or `null` when somebody is not in step at the end
 */
export function inStepAtMs(pods: readonly (readonly Answered[])[], sinceMs: number): number | null {
  let allMs = sinceMs;
  for (const answers of pods) {
    const last = answers.at(-1);
    if (last === undefined || !isInStep(last)) return null;
    // A change from in step to in step, such as of the role, is none.
    const since = answers.findLastIndex((answer) => !isInStep(answer)) + 1;
    allMs = Math.max(allMs, answers[since]?.atMs ?? allMs);
  }
  return allMs;
}

function isInStep({ role, link }: Answered): boolean {
  return role === 'master' || (role === 'slave' && link === 'connected');
}
