import { parseSetView, type ChangeView, type MemberView, type SetView } from '../http/set-view.ts';
import { AgentError } from '../errors.ts';
import { askAgent, errorIn } from './agent-request.ts';
import type { CommandOptions, ViewOptions } from './command-options.ts';

/** The agent asks all others first, each for at most 0.3 s. */
const timeoutMs = 5000;

/** `regent status`: the whole set as the agent of this pod sees it. */
export async function status({ agentPort, output }: ViewOptions): Promise<number> {
  const view = await askForSet(agentPort);
  console.log(output === 'json' ? JSON.stringify(view, null, 2) : statusText(view));
  return 0;
}

/** `regent explain`: for each pod why it leads, or why it does not or may not. */
export async function explain({ agentPort }: CommandOptions): Promise<number> {
  console.log(explainText(await askForSet(agentPort)));
  return 0;
}

/** `regent history`: the last changes of leader. */
export async function history({ agentPort, output }: ViewOptions): Promise<number> {
  const { history: changes } = await askForSet(agentPort);
  console.log(output === 'json' ? JSON.stringify(changes, null, 2) : historyText(changes));
  return 0;
}

async function askForSet(agentPort: number): Promise<SetView> {
  const answer = await askAgent({ method: 'GET', path: '/v1/set', agentPort, timeoutMs });
  if (answer.status !== 200) throw new AgentError('peer-answer', errorIn(answer.body));
  return parseSetView(answer.body);
}

/** A table of the pods, and a line for each thing that is to be known of the set. */
export function statusText(view: SetView): string {
  const rows = view.members.map(rowOf);
  const lines: readonly (readonly [string, string])[] = [
    ['leader', view.leader ?? 'nobody'],
    ['term', String(view.term)],
    ['durability', durabilityText(view)],
    ['paused', view.paused ? 'yes: no failovers until regent resume' : 'no'],
  ];
  return [
    ...table([['POD', 'ROLE', 'TERM', 'OFFSET', 'LAG', 'STATE'], ...rows]),
    '',
    ...lines.map(([label, text]) => `${label.padEnd(12)}${text}`),
    ...view.notes,
  ].join('\n');
}

function rowOf({ pod, role, term, offset, lagBytes, state }: MemberView): readonly string[] {
  const numbers = [term, offset, lagBytes].map((value) => (value === null ? '-' : String(value)));
  return [pod, role, ...numbers, state];
}

function durabilityText({ requiredReplicas, wantedReplicas }: SetView): string {
  const needs = `a write needs ${requiredReplicas} ${requiredReplicas === 1 ? 'replica' : 'replicas'} in step`;
  if (requiredReplicas === wantedReplicas) return needs;
  return `${needs}, ${wantedReplicas} once enough replicas are`;
}

/** What keeps the set from working, then a sentence for each pod. */
export function explainText({ paused, notes, members }: SetView): string {
  const first = paused ? ['Failovers are paused: regent resume ends that.'] : [];
  return [...first, ...notes, ...members.map(({ pod, why }) => `${pod} ${why}`)].join('\n');
}

/** One line for each change, the oldest first. */
export function historyText(changes: readonly ChangeView[]): string {
  if (changes.length === 0) return 'nobody has led yet';
  const rows = changes.map(({ term, pod, cause, at }) => [String(term), pod, cause, at]);
  return table([['TERM', 'POD', 'CAUSE', 'AT'], ...rows]).join('\n');
}

/** Each column as wide as its widest cell. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
