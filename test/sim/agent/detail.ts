import type { Observation } from '../../../agent/core/observation.ts';
import type { Agent } from './agent.ts';
import type { Action, Decision } from '../../../agent/core/decision.ts';

/** An action as a line of a trace shows it. */
function detail(action: Action): string {
  switch (action.kind) {
    case 'follow':
      return `follow ${action.leader.pod}`;
    case 'admit':
      return `admit ${action.requiredReplicas}`;
    case 'write-lease': {
      const { holder, term, revision } = action.record;
      return `write-lease ${holder?.pod ?? 'nobody'} term ${term} over ${revision ?? 'nothing'}`;
    }
    default:
      return action.kind;
  }
}

/** What an agent does, and where it stands. */
export function decided(agent: Agent, { action }: Decision, { redis }: Observation): string {
  const term = agent.record?.term ?? 0;
  const where =
    redis.kind === 'up'
      ? `${redis.position.role}${redis.fenced ? ' fenced' : ''} ${redis.position.replid}:${redis.position.offset}`
      : redis.kind;
  return `${detail(action)} [term ${term}, redis ${where}]`;
}
