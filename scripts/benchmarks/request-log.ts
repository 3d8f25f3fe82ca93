import { onMachine } from '../experiment/machine-post.ts';

/** What a request does: it reads once, it begins to watch, or it writes. */
export type RequestKind = 'read' | 'watch' | 'write';

/** A request of a pod to the API server. */
export interface PodRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly kind: RequestKind;
  /** When it arrived, on the clock of the API server. */
  readonly atMs: number;
}

/** An event of the audit log, as far as it is read. */
interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user?: {
    readonly username?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly requestReceivedTimestamp: string;
}

const podName = 'authentication.kubernetes.io/pod-name';
const reads = new Set(['get', 'list']);

/** Requests of pods in audit events, one JSON object on each line. Who is no pod is left out. */
export function podRequests(log: string): PodRequest[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  return lines.flatMap((line) => {
    const { stage, verb, user, requestReceivedTimestamp } = JSON.parse(line) as AuditEvent;
    // A watch is written down when it begins and when it ends.
    const isCounted = stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete');
    const pod = user?.extra?.[podName]?.[0];
    if (!isCounted || pod === undefined) return [];
    const namespace = user?.username?.split(':')[2] ?? '';
    return [{ namespace, pod, kind: kindOf(verb), atMs: Date.parse(requestReceivedTimestamp) }];
  });
}

function kindOf(verb: string): RequestKind {
  if (verb === 'watch') return 'watch';
  return reads.has(verb) ? 'read' : 'write';
}

/**
 * What pods of namespaces that begin with `namespace` have asked of the API server of scripts/cluster
 * since `sinceMs`, as long as its audit log goes back.
 */
export async function requestsOfPods(namespace: string, sinceMs: number): Promise<PodRequest[]> {
  const user = `"username":"system:serviceaccount:${namespace}`;
  const search = `grep --no-filename --fixed-strings '${user}' /var/log/audit/*.log || test $? = 1`;
  const log = await onMachine('cp', ['sh', '-c', search]).catch((cause: unknown) => {
    const remedy = 'start the cluster anew, with scripts/cluster down and up';
    throw new Error(`the audit log of the API server cannot be read; ${remedy}`, { cause });
  });
  return podRequests(log).filter(({ atMs }) => atMs >= sinceMs);
}
