import { messageOf } from '../../agent/errors.ts';
import type { Cluster } from './cluster.ts';

/** A line of an agent's log. */
export interface LogLine {
  readonly pod: string;
  /** The reason of a decision, or what else there was to say. */
  readonly reason: string;
  /** Who held the Lease then, where the line tells. */
  readonly holder: string | null;
  /** On the clock of the agent's machine, in whole milliseconds. */
  readonly atMs: number;
}

/** What the agents of these pods have logged since `sinceMs`, in the order of time. */
export async function agentLog(
  cluster: Cluster,
  pods: readonly string[],
  sinceMs: number,
): Promise<LogLine[]> {
  // Whole seconds are all that Kubernetes takes here.
  const since = `--since-time=${new Date(sinceMs - 1000).toISOString()}`;
  const texts = await Promise.all(
    pods.map((pod) => cluster.kubectl(['logs', pod, '--container=agent', since])),
  );
  const lines = texts.flatMap((text, index) => linesOf(pods[index] ?? '', text));
  return lines.filter(({ atMs }) => atMs >= sinceMs).sort((one, other) => one.atMs - other.atMs);
}

/** What there is to read of the agents' logs when something went wrong, whole. */
export async function agentLogText(cluster: Cluster, pods: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    pods.map(async (pod) => {
      try {
        return await cluster.kubectl(['logs', pod, '--container=agent', '--prefix']);
      } catch (error) {
        return `${messageOf(error)}\n`;
      }
    }),
  );
  return texts.join('\n');
}

interface AgentLine {
  readonly msg: string;
  readonly time: number;
  readonly holder?: string | null;
}

function linesOf(pod: string, text: string): LogLine[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => {
    const { msg, time, holder = null } = JSON.parse(line) as AgentLine;
    return { pod, reason: msg, holder, atMs: time };
  });
}
