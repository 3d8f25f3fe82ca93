import { setTimeout as sleep } from 'node:timers/promises';
import { V1MicroTime, type EventsV1Event } from '@kubernetes/client-node';
import { messageOf } from '../errors.ts';
import type { KubeClient } from './client.ts';

/** Something worth telling a person who looks at the pod. */
export interface Happening {
  readonly type: 'Normal' | 'Warning';
  /** In CamelCase, e.g. `BecameLeader`. Kubernetes takes at most 128 characters. */
  readonly reason: string;
  /** What the agent did, in the same form as `reason`. */
  readonly action: string;
  /** A sentence with the numbers. Kubernetes takes at most 1024 characters; more is cut off. */
  readonly note: string;
}

/** About which pod, and whom to tell when an Event was lost. */
export interface EventsOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly pod: { readonly name: string; readonly uid: string };
  readonly onLost: (reason: string, cause: string) => void;
}

/** When the API server is slow, what is waiting is bounded: an old Event is worth little. */
const waitingMax = 16;
/**
 * So long an Event waits before it is sent: it tells of a change of leader while that goes on, and
 * there the API server, its disk and the one warm connection to it belong to the Lease.
 */
const delayMs = 500;
/** Less than a failover may wait for anything; nothing waits for this anyway. */
const timeoutMs = 5000;
const noteMax = 1024;

/** Writes Events, one after the other and on its own time. Nobody waits for them. */
export class Events {
  readonly #options: EventsOptions;
  readonly #path: string;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  readonly #ending = new AbortController();

  /** @param options see there. */
  constructor(options: EventsOptions) {
    this.#options = options;
    const namespace = encodeURIComponent(options.namespace);
    this.#path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  }

  /** Takes the Event and returns at once. */
  tell(happening: Happening): void {
    if (this.#waiting >= waitingMax) {
      this.#options.onLost(happening.reason, `${waitingMax} others are waiting`);
      return;
    }
    this.#waiting += 1;
    const body = this.#eventFor(happening);
    const due = this.#pause();
    this.#last = Promise.all([this.#last, due])
      .then(() => this.#post(body))
      .finally(() => (this.#waiting -= 1));
  }

  /** Sends what waits at once, and resolves when all that was told is written or lost, or `forMs` are over. */
  async settled(forMs: number): Promise<void> {
    this.#ending.abort();
    await Promise.race([this.#last, sleep(forMs, undefined, { ref: false })]);
  }

  async #pause(): Promise<void> {
    const { signal } = this.#ending;
    // Cut short where the process ends.
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }

  async #post(body: EventsV1Event): Promise<void> {
    try {
      const result = await this.#options.client.request(
        { method: 'POST', path: this.#path, body },
        { timeoutMs },
      );
      if (result.kind === 'ok') return;
      const cause = 'message' in result ? result.message : 'cause' in result ? result.cause : '';
      this.#options.onLost(body.reason ?? '', `${result.kind} ${cause}`.trim());
    } catch (error) {
      this.#options.onLost(body.reason ?? '', messageOf(error));
    }
  }

  #eventFor({ type, reason, action, note }: Happening): EventsV1Event {
    const { namespace, pod } = this.#options;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { generateName: `${pod.name}-`, namespace },
      eventTime: new V1MicroTime(),
      reportingController: 'regent.dev/agent',
      reportingInstance: pod.name,
      type,
      reason,
      action,
      note: note.slice(0, noteMax),
      regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod.name, uid: pod.uid },
    };
  }
}
