import { AgentError } from '../errors.ts';
import { parsePeerState, type PeerState } from '../http/peer-state.ts';
import { askAgent, errorIn } from './agent-request.ts';
import type { StatusOptions } from './options.ts';

const timeoutMs = 5000;

/** `regent status`: what the agent of this pod knows. */
export async function status({ agentPort, output }: StatusOptions): Promise<number> {
  const asked = { method: 'GET', path: '/v1/state', agentPort, timeoutMs } as const;
  const answer = await askAgent(asked);
  if (answer.status !== 200) throw new AgentError('peer-answer', errorIn(answer.body));
  if (output === 'json') console.log(JSON.stringify(answer.body, null, 2));
  else console.log(statusText(parsePeerState(answer.body)));
  return 0;
}

/** The state as a few lines for a person. */
export function statusText(state: PeerState): string {
  const { position } = state;
  const rows: readonly (readonly [string, string])[] = [
    ['pod', `${state.pod} (${state.address}), priority ${state.priority}`],
    ['leader', state.holder ?? 'nobody'],
    ['term', String(state.term)],
    ['writes', state.leading ? 'accepted here' : 'not accepted here'],
    ['redis', position === null ? 'down, hung or loading' : position.role],
    ...(position === null
      ? []
      : ([
          ['keys', String(position.keys)],
          ['data', position.whole ? 'whole' : 'not whole: a resync has not ended'],
          ['history', `${position.replid} at ${position.offset}`],
        ] as const)),
    ['reason', state.reason],
  ];
  return rows.map(([label, value]) => `${label.padEnd(8)}${value}`).join('\n');
}
