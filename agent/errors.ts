/** What can be wrong in a way that ends what was asked for. Codes are stable: logs and tests name them. */
export type ErrorCode =
  /** The command line or a file it names is wrong; the person who wrote it has to change it. */
  | 'usage'
  /** Redis answered with something that no supported version answers. */
  | 'redis-answer'
  /** There is no usable access to the Kubernetes API: no service account, or a broken kubeconfig. */
  | 'kube-access'
  /** Another agent, or whatever listens at its address, answered with something else than asked. */
  | 'peer-answer';

/**
 * A failure that is explained to a person by its message alone. Expected outcomes of a request
 * (a conflict, an unreachable API server, a closed connection) are values and never this.
 */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The sentence of anything that was thrown, for a log line. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return thrown.errors.map(messageOf).join('; ');
  }
  const hasMessage = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return String(hasMessage ? thrown.message : thrown);
}
