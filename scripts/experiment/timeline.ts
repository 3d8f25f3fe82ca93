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

/**
 * The steps of a failover in the order of time. One that was not seen is left out.
 *
 * Lease and Service are seen twice: by the agents, and by a watch that may lag behind on a busy
 * machine. The earlier sighting counts.
 */
export function timeLine(evidence: Evidence): Step[] {
  const { killedMs, leader, firstWrite } = evidence;
  const all = [
    { name: 'killed', atMs: killedMs, detail: leader },
    ...sightings(evidence),
    ...moved('Lease moved', evidence.lease, killedMs),
    ...moved('Service moved', evidence.slice, killedMs),
    { name: 'first write accepted', atMs: firstWrite.atMs, detail: `write ${firstWrite.n}` },
  ].sort((one, other) => one.atMs - other.atMs);
  return all
    .filter(({ name }, index) => all.findIndex((one) => one.name === name) === index)
    .map(({ name, atMs, detail }) => ({ name, detail, afterMs: Math.max(0, atMs - killedMs) }));
}

/** What the agents themselves saw of a failover, each step at most once. */
export function sightings({
  killedMs,
  leader,
  log: all,
}: Pick<Evidence, 'killedMs' | 'leader' | 'log'>): Sighting[] {
  const log = all.filter(({ atMs }) => atMs >= killedMs - roundingMs);
  const line = (name: string, fits: (line: LogLine) => boolean): Sighting[] => {
    const found = log.find(fits);
    return found ? [{ name, atMs: found.atMs, detail: `${found.pod}: ${found.reason}` }] : [];
  };
  return [
    ...line('noticed', (one) => isNotice(one, leader)),
    ...line('Lease moved', ({ holder }) => holder !== null && holder !== leader),
    ...line('promoted', ({ reason }) => reason === 'promote'),
    ...line('Service moved', ({ reason }) => reason === 'route-ok'),
  ];
}

/** A step as somebody saw it. */
export type Sighting = Pick<Step, 'name' | 'detail'> & { readonly atMs: number };

/** The first change after the kill; the first of all is the value that was there before. */
function moved(name: string, changes: readonly Change[], killedMs: number): Sighting[] {
  const change = changes.slice(1).find(({ atMs, value }) => atMs >= killedMs && value !== '');
  const detail = change?.value.split('/')[0] ?? '';
  return change ? [{ name, atMs: change.atMs, detail }] : [];
}

/** The leader's agent misses its Redis, or another agent misses the leader. */
function isNotice({ pod, reason }: LogLine, leader: string): boolean {
  if (pod === leader) return /^(redis-down|redis-away|fence-|handover-|release)/.test(reason);
  return /^(claim-|takeover-|withdraw-|vacant-)/.test(reason);
}
