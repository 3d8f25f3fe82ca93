import type { Acknowledged } from '../workload/record.ts';
import type { LogLine } from './agent-log.ts';
import type { Change } from './watch.ts';

/** What was seen around a kill. All instants are on one clock. */
export interface Evidence {
  readonly killedMs: number;
  /** Who led before. */
  readonly leader: string;
  readonly log: readonly LogLine[];
  /** Values of the Lease's holder. */
  readonly lease: readonly Change[];
  /** Addresses that the leader Service leads to. */
  readonly slice: readonly Change[];
  /** The first write that another connection than the one to the killed Redis brought through. */
  readonly firstWrite: Acknowledged;
}

/** A step of a failover. */
export interface Step {
  readonly name: string;
  /** Milliseconds after the kill. */
  readonly afterMs: number;
  readonly detail: string;
}

/** Agents log whole milliseconds: what happened just after the kill may be dated just before. */
const roundingMs = 1;

/** The steps of a failover in the order of time. One that was not seen is left out. */
export function timeLine(evidence: Evidence): Step[] {
  const { killedMs, leader, firstWrite } = evidence;
  const log = evidence.log.filter(({ atMs }) => atMs >= killedMs - roundingMs);
  const later = (changes: readonly Change[]): Change | undefined =>
    changes.slice(1).find(({ atMs }) => atMs >= killedMs);
  const noticed = log.find((line) => isNotice(line, leader));
  const promoted = log.find(({ reason }) => reason === 'promote');
  const lease = later(evidence.lease);
  const slice = later(evidence.slice);
  const step = (name: string, atMs: number | undefined, detail: string): Step[] =>
    atMs === undefined ? [] : [{ name, afterMs: Math.max(0, atMs - killedMs), detail }];
  const steps = [
    ...step('killed', killedMs, leader),
    ...step('noticed', noticed?.atMs, `${noticed?.pod ?? ''}: ${noticed?.reason ?? ''}`),
    ...step('Lease moved', lease?.atMs, lease?.value.split('/')[0] ?? ''),
    ...step('promoted', promoted?.atMs, promoted?.pod ?? ''),
    ...step('Service moved', slice?.atMs, slice?.value ?? ''),
    ...step('first write accepted', firstWrite.atMs, `write ${firstWrite.n}`),
  ];
  return steps.sort((one, other) => one.afterMs - other.afterMs);
}

/** The leader's agent misses its Redis, or another agent misses the leader. */
function isNotice({ pod, reason }: LogLine, leader: string): boolean {
  if (pod === leader) return /^(redis-away|fence-|handover-|release)/.test(reason);
  return /^(claim-|takeover-|withdraw-|vacant-)/.test(reason);
}
