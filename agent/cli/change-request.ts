import { fieldsOf } from '../fields.ts';
import { askAgent, errorIn, type AgentAnswer } from './agent-request.ts';
import type { CommandOptions, FailoverOptions, SwitchoverOptions } from './command-options.ts';

/** Longer than the agent itself waits for the outcome. */
const timeoutMs = 15_000;
const failoverTimeoutMs = 40_000;

/** `regent switchover`: asks the agent of this pod, which must lead, to hand over. */
export async function switchover({ to, agentPort }: SwitchoverOptions): Promise<number> {
  const body = to === null ? {} : { to };
  const asked = { method: 'POST', path: '/v1/switchover', agentPort, timeoutMs, body } as const;
  return tell('switchover', await askAgent(asked), leaderText);
}

/** `regent failover`: names the leader, whatever its data. */
export async function failover({ to, agentPort }: FailoverOptions): Promise<number> {
  const asked = { method: 'POST', path: '/v1/failover', agentPort, body: { to } } as const;
  const answer = await askAgent({ ...asked, timeoutMs: failoverTimeoutMs });
  return tell('failover', answer, leaderText);
}

/** `regent pause` and `regent resume`: stop failovers, and allow them again. */
export async function pause({ agentPort }: CommandOptions, paused: boolean): Promise<number> {
  const asked = { method: 'POST', path: '/v1/pause', agentPort, body: { paused } } as const;
  const answer = await askAgent({ ...asked, timeoutMs });
  const done = paused ? 'no failovers until regent resume' : 'failovers are allowed again';
  return tell(paused ? 'pause' : 'resume', answer, () => done);
}

function tell(
  command: string,
  { status, body }: AgentAnswer,
  sentence: (body: unknown) => string,
): number {
  if (status !== 200) {
    console.error(`no ${command}: ${errorIn(body)}`);
    return 1;
  }
  console.log(sentence(body));
  return 0;
}

function leaderText(body: unknown): string {
  const { holder } = fieldsOf(body);
  return `${typeof holder === 'string' ? holder : 'another pod'} leads now`;
}
