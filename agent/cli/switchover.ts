import { askAgent, errorIn } from './agent-request.ts';
import type { SwitchoverOptions } from './options.ts';

/** Longer than the agent itself waits for the outcome. */
const timeoutMs = 15_000;

/** `regent switchover`: asks the agent of this pod, which must lead, to hand over. */
export async function switchover({ to, agentPort }: SwitchoverOptions): Promise<number> {
  const answer = await askAgent({
    ...{ method: 'POST', path: '/v1/switchover', agentPort, timeoutMs },
    body: to === null ? {} : { to },
  });
  if (answer.status !== 200) {
    console.error(`no switchover: ${errorIn(answer.body)}`);
    return 1;
  }
  console.log(`${holderIn(answer.body)} leads now`);
  return 0;
}

function holderIn(body: unknown): string {
  const holder: unknown =
    typeof body === 'object' && body !== null && 'holder' in body ? body.holder : null;
  return typeof holder === 'string' ? holder : 'another pod';
}
