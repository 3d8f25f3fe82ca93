import { messageOf } from '../errors.ts';
import type { TlsFiles } from '../tls.ts';
import type { Command, CommandRunner, Reply, RunResult } from './connection.ts';
import { infoSections, parseInfo } from './info.ts';
import type { RedisInfo } from './info.ts';

/** `min-replicas-to-write` of a fenced Redis: nobody has so many replicas, so every write is refused. */
export const fencedReplicas = 1_000_000;

/**
 * `min-replicas-max-lag` of a Redis that nobody has promoted since it began: so many seconds that no set is
 * configured with them. Redis keeps it whatever becomes of the agents beside it, and a promotion ends it.
 */
export const unpromotedLagSeconds = 1_000_000;

/** `min-replicas-max-lag` between a promotion and `admit`: what Redis itself begins with. */
export const promotedLagSeconds = 10;

/** An address where nothing listens: a Redis that replicates from it keeps what it has. */
export const nowhere: Address = { host: '127.0.0.1', port: 1 };

/** Where a Redis listens. Always an IP when it is given to Redis: Redis resolves names while it blocks. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What became of a change. Only `done` says that Redis carried it out. */
export type ChangeResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed' };

/** Redis' own conditions for a write. */
export interface WriteRule {
  /** `min-replicas-to-write`: this many replicas must have acknowledged lately; 0 is no condition. */
  readonly replicas: number;
  /** `min-replicas-max-lag`: seconds that count as lately. */
  readonly maxLagSeconds: number;
}

/** Everything that the agent knows of its Redis at one moment. */
export type ObserveResult =
  | { readonly kind: 'observed'; readonly info: RedisInfo; readonly writes: WriteRule }
  | Exclude<ChangeResult, { kind: 'done' }>;

/** Reads INFO and the write rule in one round trip. */
export async function observe(runner: CommandRunner, timeoutMs?: number): Promise<ObserveResult> {
  const result = await runner.run(
    [
      ['INFO', ...infoSections],
      ['CONFIG', 'GET', 'min-replicas-to-write', 'min-replicas-max-lag'],
    ],
    timeoutMs,
  );
  if (result.kind !== 'answered') return result;
  const refusal = refusalIn(result.replies);
  if (refusal !== null) return refusal;
  const [info, config] = result.replies.map((reply) => (reply.kind === 'value' ? reply.value : ''));
  try {
    return { kind: 'observed', info: parseInfo(String(info)), writes: writeRule(config) };
  } catch (error) {
    return { kind: 'refused', message: messageOf(error) };
  }
}

/** What a fence does besides refusing writes. */
export interface FenceOptions {
  /** Cuts those who could write or subscribe: nothing else tells them that they have to look elsewhere. */
  readonly cutClients: boolean;
}

/**
 * Refuses every write from now on and until `admit`, whatever else happens. The command is in the
 * socket when this returns its promise: a Redis that hangs carries it out when it resumes, in the
 * same round of its event loop as what clients had sent before, and answers leave after the round:
 * whom the fence cuts hears of no write. What Redis had begun when it hung is of an earlier round, and
 * is answered (1,500 stops of a 7.0.15: none of the writes sent 100 ms after the stop was).
 * Clients are cut in the same step and after it, so that none comes back to write in between.
 */
export function fence(
  runner: CommandRunner,
  { cutClients }: FenceOptions,
  timeoutMs?: number,
): Promise<ChangeResult> {
  if (!cutClients) return changed(runner.run([fenceCommand], timeoutMs));
  return changed(runner.runAtomic([fenceCommand, ...killCommands], timeoutMs));
}

/** Lifts the fence, and ends a pause: writes are taken while the rule holds. For a leader alone. */
export function admit(
  runner: CommandRunner,
  writes: WriteRule,
  timeoutMs?: number,
): Promise<ChangeResult> {
  const lag = ['min-replicas-max-lag', writes.maxLagSeconds] as const;
  const lift: Command = [...configSet, ...lag, 'min-replicas-to-write', writes.replicas];
  return changed(runner.run([lift, ['CLIENT', 'UNPAUSE']], timeoutMs));
}

/** Makes the replica a primary, which stays fenced: what it takes over has to be recorded first. */
export function promote(runner: CommandRunner, timeoutMs?: number): Promise<ChangeResult> {
  const mark: Command = [...configSet, 'min-replicas-max-lag', promotedLagSeconds];
  return changed(runner.runAtomic([fenceCommand, mark, ['REPLICAOF', 'NO', 'ONE']], timeoutMs));
}

/** Replicates from `leader`, fenced; clients that read stay connected. For what is a replica already. */
export function follow(
  runner: CommandRunner,
  leader: Address,
  timeoutMs?: number,
): Promise<ChangeResult> {
  return changed(runner.runAtomic([fenceCommand, replicaOf(leader)], timeoutMs));
}

/** Makes a primary a replica, and cuts its clients: many never notice that writes are refused. */
export function demote(
  runner: CommandRunner,
  leader: Address,
  timeoutMs?: number,
): Promise<ChangeResult> {
  const commands = [fenceCommand, replicaOf(leader), ...killCommands];
  return changed(runner.runAtomic(commands, timeoutMs));
}

/**
 * Cuts all clients that could write or subscribe. The calling connection is spared by Redis; the
 * agent's other one is not, and its link opens it again.
 */
export function killClients(runner: CommandRunner, timeoutMs?: number): Promise<ChangeResult> {
  return changed(runner.runAtomic(killCommands, timeoutMs));
}

/** Holds back writes, which are answered later, for at most `durationMs` or until `unpause`. */
export function pauseWrites(
  runner: CommandRunner,
  durationMs: number,
  timeoutMs?: number,
): Promise<ChangeResult> {
  return changed(runner.run([['CLIENT', 'PAUSE', durationMs, 'WRITE']], timeoutMs));
}

/** Ends a pause before its time. */
export function unpause(runner: CommandRunner, timeoutMs?: number): Promise<ChangeResult> {
  return changed(runner.run([['CLIENT', 'UNPAUSE']], timeoutMs));
}

/** Makes Redis read its certificate, its key and the authorities again: all of them, or none. */
export function reloadTls(
  runner: CommandRunner,
  { cert, key, ca }: TlsFiles,
  timeoutMs?: number,
): Promise<ChangeResult> {
  const files = ['tls-cert-file', cert, 'tls-key-file', key, 'tls-ca-cert-file', ca] as const;
  return changed(runner.run([[...configSet, ...files]], timeoutMs));
}

const configSet = ['CONFIG', 'SET'] as const;
const fenceCommand: Command = [...configSet, 'min-replicas-to-write', fencedReplicas];
const killCommands: readonly Command[] = [
  ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'],
  ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
];

function replicaOf({ host, port }: Address): Command {
  return ['REPLICAOF', host, port];
}

/** What became of commands that change something. */
export async function changed(running: Promise<RunResult>): Promise<ChangeResult> {
  const result = await running;
  if (result.kind !== 'answered') return result;
  return refusalIn(result.replies) ?? { kind: 'done' };
}

function refusalIn(replies: readonly Reply[]): (Reply & { readonly kind: 'refused' }) | null {
  return replies.find((reply) => reply.kind === 'refused') ?? null;
}

function writeRule(config: unknown): WriteRule {
  const words = Array.isArray(config) ? config.map(String) : [];
  const setting = (name: string): number => {
    const at = words.indexOf(name);
    const value = Number(words[at + 1]);
    if (at < 0 || !Number.isInteger(value)) throw new TypeError(`CONFIG GET gave no ${name}`);
    return value;
  };
  return {
    replicas: setting('min-replicas-to-write'),
    maxLagSeconds: setting('min-replicas-max-lag'),
  };
}
