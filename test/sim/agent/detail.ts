import type { Action } from '../../../agent/core/decision.ts';

/** An action as a line of a trace shows it. */
export function detail(action: Action): string {
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
