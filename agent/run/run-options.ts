import type { DurabilityChoice } from '../core/durability.ts';
import type { Timing } from '../core/timing.ts';
import type { LogLevel } from '../log.ts';

/** What `regent run` is told; the command line is parsed into this (docs/architecture.md). */
export interface RunOptions {
  readonly pod: string;
  readonly podUid: string;
  readonly podIp: string;
  readonly namespace: string;
  /** The chart's fullname; the pods are `<set>-node-0 ..`, the Lease `<set>-leader`. */
  readonly set: string;
  readonly headlessService: string;
  readonly leaderService: string;
  /** Pods of the set. */
  readonly replicas: number;
  readonly clusterDomain: string;
  /** Redis' port. */
  readonly port: number;
  readonly agentPort: number;
  /** `null` for a Redis without a password. */
  readonly passwordFile: string | null;
  /** redis.conf as `regent init` wrote it, for Redis to start with. */
  readonly redisConfig: string;
  /** `null` when agents need not prove themselves. */
  readonly peerSecretFile: string | null;
  /** The folder of the certificates; `null` for Redis and agents without TLS. */
  readonly tlsDir: string | null;
  /** Where agents talk to each other by mutual TLS; without it they do so at `agentPort`. */
  readonly peerPort: number;
  readonly dataDir: string;
  /** 0 is never promoted. */
  readonly priority: number;
  /** Checked: `durabilityFault` found none. */
  readonly durability: DurabilityChoice;
  /** Checked: `timingFaults` found none. */
  readonly timing: Timing;
  readonly logLevel: LogLevel;
  /** For a process outside a pod; `null` takes the pod's service account. */
  readonly kubeconfig: string | null;
}
