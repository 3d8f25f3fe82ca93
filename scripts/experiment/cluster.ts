import { join } from 'node:path';
import type { V1Namespace } from '@kubernetes/client-node';
import { root, toolEnvironment } from '../environment.ts';
import { ClusterApi } from './cluster-api.ts';
import { CommandError, run, start, type CommandOptions } from './command.ts';
import type { ChildProcess } from 'node:child_process';

/** Which cluster is talked to. */
export interface ClusterChoice {
  /** A kubeconfig file; `null` for the one that kubectl finds by itself. */
  readonly kubeconfig: string | null;
  /** A context of the kubeconfig; `null` for its current one. */
  readonly context: string | null;
}

/** A cluster as a person uses it: with kubectl and helm, in one namespace. */
export class Cluster {
  readonly namespace: string;
  readonly #choice: ClusterChoice;
  readonly #environment: NodeJS.ProcessEnv;
  #api: ClusterApi | null = null;

  constructor(choice: ClusterChoice, namespace: string) {
    this.namespace = namespace;
    this.#choice = choice;
    const { kubeconfig } = choice;
    this.#environment = {
      ...toolEnvironment(),
      ...(kubeconfig === null ? {} : { KUBECONFIG: kubeconfig }),
    };
  }

  /** The same namespace for whoever asks often. */
  get api(): ClusterApi {
    this.#api ??= new ClusterApi(this.#choice, this.namespace);
    return this.#api;
  }

  /** Runs kubectl and returns what it printed. */
  kubectl(words: readonly string[], options: CommandOptions = {}): Promise<string> {
    return run(this.#kubectlWords(words), { env: this.#environment, ...options });
  }

  /** Starts a kubectl that goes on: `exec`, `get --watch`, `logs --follow`. */
  startKubectl(words: readonly string[]): ChildProcess {
    return start(this.#kubectlWords(words), { env: this.#environment });
  }

  /** Reads an object, `null` when there is none. */
  async read<T>(kind: string, name: string): Promise<T | null> {
    try {
      return JSON.parse(await this.kubectl(['get', kind, name, '--output=json'])) as T;
    } catch (error) {
      if (error instanceof CommandError && error.stderr.includes('NotFound')) return null;
      throw error;
    }
  }

  /** Creates objects, or changes them to what is given. */
  async apply(objects: readonly object[]): Promise<void> {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await this.kubectl(['apply', '--filename=-'], { input: list });
  }

  /** Makes sure that the namespace is there. One that is being deleted is awaited first. */
  async createNamespace(): Promise<void> {
    const found = await this.read<V1Namespace>('namespace', this.namespace);
    if (found?.status?.phase === 'Terminating') {
      const gone = ['wait', '--for=delete', `namespace/${this.namespace}`, '--timeout=180s'];
      await this.kubectl(gone);
    } else if (found !== null) {
      return;
    }
    const metadata = { name: this.namespace };
    await this.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata }]);
  }

  /** Runs helm with the checkout as its folder. */
  helm(words: readonly string[]): Promise<string> {
    const { context } = this.#choice;
    const chosen = context === null ? [] : [`--kube-context=${context}`];
    const all = ['helm', ...chosen, `--namespace=${this.namespace}`, ...words];
    return run(all, { env: this.#environment, cwd: root });
  }

  /** How a person types kubectl for this namespace. */
  get typed(): string {
    const { context } = this.#choice;
    return [
      'kubectl',
      ...(context === null ? [] : ['--context', context]),
      '-n',
      this.namespace,
    ].join(' ');
  }

  #kubectlWords(words: readonly string[]): string[] {
    const { context } = this.#choice;
    const chosen = context === null ? [] : [`--context=${context}`];
    return ['kubectl', ...chosen, `--namespace=${this.namespace}`, ...words];
  }
}

/** The chart of the checkout. */
export const chartFolder = join(root, 'chart');
