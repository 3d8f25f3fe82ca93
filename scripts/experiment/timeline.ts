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
  const noticed = log.find((line) => isNotice(line, leader));
  const promoted = log.find(({ reason }) => reason === 'promote');
  const found = [
    { name: 'killed', atMs: killedMs, detail: leader },
    noticed && { ...noticed, name: 'noticed', detail: `${noticed.pod}: ${noticed.reason}` },
    moved('Lease moved', evidence.lease, killedMs),
    promoted && { ...promoted, name: 'promoted', detail: promoted.pod },
    moved('Service moved', evidence.slice, killedMs),
    { name: 'first write accepted', atMs: firstWrite.atMs, detail: `write ${firstWrite.n}` },
  ];
  return found
    .filter((one) => one !== undefined)
    .map(({ name, atMs, detail }) => ({ name, detail, afterMs: Math.max(0, atMs - killedMs) }))
    .sort((one, other) => one.afterMs - other.afterMs);
}

type Sighting = Pick<Step, 'name' | 'detail'> & { readonly atMs: number };

/** The first change after the kill; the first of all is the value that was there before. */
function moved(name: string, changes: readonly Change[], killedMs: number): Sighting | undefined {
  const change = changes.slice(1).find(({ atMs, value }) => atMs >= killedMs && value !== '');
  return change && { name, atMs: change.atMs, detail: change.value.split('/')[0] ?? '' };
}

/** The leader's agent misses its Redis, or another agent misses the leader. */
function isNotice({ pod, reason }: LogLine, leader: string): boolean {
  if (pod === leader) return /^(redis-away|fence-|handover-|release)/.test(reason);
  return /^(claim-|takeover-|withdraw-|vacant-)/.test(reason);
}
