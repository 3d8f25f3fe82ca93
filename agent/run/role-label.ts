import { setTimeout as pause } from 'node:timers/promises';
import type { PodStore } from '../kube/pod.ts';
import type { Log } from '../log.ts';

/** How long to leave the API server alone after it refused or did not answer. */
const retryDelayMs = 1000;

/**
 * So long a label that changes waits. Every change of a pod sets controllers, kubelet and kube-proxy
 * to work, in the very moment in which clients wait for kube-proxy to lead them to the new leader.
 */
const changeDelayMs = 1000;

/** A label that cannot be written does not keep the process from ending. */
const unheld = { ref: false };

/** Keeps the pod's role label as it should be: people and the replicas' Service go by it. */
export class RoleLabel {
  readonly #pod: PodStore;
  readonly #log: Log;
  #wanted: 'primary' | 'replica' | null = null;
  #written: 'primary' | 'replica' | null = null;
  #isWriting = false;

  constructor(pod: PodStore, log: Log) {
    this.#pod = pod;
    this.#log = log;
  }

  /** Says what the label should be. Returns at once; a write that fails is tried again. */
  want(role: 'primary' | 'replica'): void {
    this.#wanted = role;
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#wanted !== null && this.#wanted !== this.#written) {
      if (this.#written !== null) await pause(changeDelayMs, undefined, unheld);
      const role = this.#wanted;
      const result = await this.#pod.setRole(role);
      if (result.kind === 'ok') this.#written = role;
      else {
        this.#log.warn({ result }, 'role-label-not-written');
        await pause(retryDelayMs, undefined, unheld);
      }
    }
    this.#isWriting = false;
  }
}
