import { durabilityOf } from '../../agent/core/durability.ts';
import { timings } from '../../agent/core/timing.ts';
import type { WorldOptions } from './swarm.ts';

/** Circumstances in which one thing matters; what is not named here is drawn. */
type Circumstances = Partial<WorldOptions>;

const pods = 3;
const strict = durabilityOf({ durability: 'strict', onReplicaLoss: null }, pods);
const guarded = durabilityOf({ durability: 'guarded', onReplicaLoss: 'degrade' }, pods);
export const unguarded = durabilityOf({ durability: 'async', onReplicaLoss: null }, pods);
const wellNetwork = { delayMinMs: 0.2, delayMaxMs: 2, lossShare: 0 };
const wellApi = { delayMinMs: 1, delayMaxMs: 10, lossShare: 0, watchDelayMaxMs: 10, staleShare: 0 };

/** The set is scaled up and down, and each change of its size makes every pod anew. */
export const scaled: Circumstances = {
  ...{ pods, scalesTo: 5, calmAtMs: 80_000, endAtMs: 160_000, absent: 0, priorities: [] },
  ...{ network: wellNetwork, api: wellApi, dnsLagMaxMs: 0, resyncMs: 300, loadMs: 200, faults: [] },
};

/** The same while pods and Redis die. */
export const scaledInFaults: Circumstances = {
  ...{ ...scaled, durability: guarded, faultPeriodMs: 8000 },
  faults: ['redis-killed', 'pod-forced'],
};

/** A single pod gets a second one for a while, and machines fail. */
export const scaledToOne: Circumstances = {
  ...{ ...scaled, pods: 1, scalesTo: 2, durability: unguarded, faultPeriodMs: 4000 },
  ...{ persistence: 'rdb', calmAtMs: 40_000, endAtMs: 80_000 },
  faults: ['redis-killed', 'power-off', 'all-powered-off', 'switchover'],
};

/** The same while the API server is hard to reach, and each of its answers may be lost. */
export const scaledAwayFromApi: Circumstances = {
  ...{ ...scaled, durability: unguarded, faultPeriodMs: 1500, api: { ...wellApi, lossShare: 0.3 } },
  faults: ['cut-from-api'],
};

/** A set without disks is scaled to one pod that restarts itself, and requests to the API server are slow or lost. */
export const scaledWithoutDisks: Circumstances = {
  ...{ ...scaled, pods: 1, scalesTo: 3, durability: unguarded, persistence: 'none' },
  ...{ calmAtMs: 30_000, endAtMs: 90_000, api: { ...wellApi, delayMaxMs: 1500, lossShare: 0.3 } },
};

/** A strict set without disks: while its first pod restarts, only a pod that goes away has all writes. */
export const scaledStrict: Circumstances = {
  ...{ ...scaled, pods: 1, scalesTo: 5, durability: strict, persistence: 'none' },
  ...{ network: { ...wellNetwork, delayMaxMs: 10 }, api: { ...wellApi, watchDelayMaxMs: 1000 } },
};

/** A strict set on disks is scaled while not everybody reaches everybody. */
export const scaledStrictApart: Circumstances = {
  ...{ ...scaled, pods: 2, durability: strict, persistence: 'aof', faultPeriodMs: 3000 },
  ...{ calmAtMs: 40_000, endAtMs: 120_000, faults: ['split'] },
};

/** A guarded set is scaled, and somebody deletes the Lease and names leaders while its leader cannot see it. */
export const scaledWithoutLease: Circumstances = {
  ...{ ...scaled, durability: guarded, faultPeriodMs: 1500 },
  faults: ['cut-from-api', 'lease-deleted', 'override'],
};

/** Only the API server is away, for a long time (I16). */
export const apiOnly: Circumstances = {
  ...{ isApiOnly: true, faults: ['api-away'], faultPeriodMs: 4000, calmAtMs: 40_000 },
  ...{ endAtMs: 75_000, pods, absent: 0, priorities: [], dnsLagMaxMs: 0, addressReuse: 0 },
  ...{ durability: guarded, network: wellNetwork, api: wellApi },
};

/** One fault strikes a whole set that keeps two copies. */
export const oneFault: Circumstances = {
  ...{ isOneFault: true, calmAtMs: 45_000, endAtMs: 80_000, durability: guarded, pods, absent: 0 },
  ...{ priorities: [], network: wellNetwork, api: wellApi, dnsLagMaxMs: 0, addressReuse: 0 },
  ...{ resyncMs: 200, loadMs: 200 },
  faults: [
    ...(['redis-killed', 'redis-stopped', 'redis-frozen', 'redis-loses-disk'] as const),
    ...(['agent-killed', 'agent-stalled', 'agent-killed-at-step', 'both-killed'] as const),
    ...(['pod-frozen', 'pod-deleted', 'pod-forced', 'pod-twinned', 'pod-loses-disk'] as const),
    ...(['power-off', 'cut-off', 'cut-from-api', 'cut-from-peers', 'cut-one-way'] as const),
    ...(['api-down', 'api-slow', 'watch-stalled', 'switchover'] as const),
  ],
};

/** A strict set whose members come and go. */
export const strictSet: Circumstances = {
  ...{ durability: strict, pods, absent: 0, faultPeriodMs: 1000 },
  faults: [
    'redis-killed',
    'both-killed',
    'cut-off',
    'pod-forced',
    'cut-from-peers',
    'agent-killed',
  ],
};

/** A guarded set that cannot always reach the API server. */
export const awayFromApi: Circumstances = {
  ...{ durability: guarded, pods, absent: 0, faultPeriodMs: 1200, priorities: [] },
  faults: ['cut-from-api', 'api-down', 'redis-killed', 'cut-from-peers', 'switchover'],
};

/** A person names leaders of a strict set while the former one is cut off from some of the others. */
export const overruled: Circumstances = {
  durability: strict,
  faults: ['override', 'cut-off', 'cut-from-peers', 'agent-stalled', 'api-down', 'cut-from-api'],
  faultPeriodMs: 1500,
};

/** Who has the only data cannot see the API server for a while, and somebody deletes the Lease. */
export const forgotten: Circumstances = {
  ...{ persistence: 'none', durability: unguarded, pods, absent: 0, priorities: [] },
  ...{ network: wellNetwork, api: wellApi, resyncMs: 100, loadMs: 20, faultPeriodMs: 1500 },
  faults: ['cut-from-api', 'lease-deleted', 'redis-loses-disk', 'redis-killed'],
};

/** One volume has the data of a set before this one, and its pod comes late (docs/migration.md). */
export const inherited: Circumstances = {
  ...{ pods, absent: 0, priorities: [], durability: guarded, persistence: 'rdb', faults: [] },
  ...{ network: wellNetwork, api: wellApi, dnsLagMaxMs: 0, calmAtMs: 50_000, endAtMs: 100_000 },
  inheritance: { ordinal: 0, keys: 100, lateMs: 40_000 },
};

/** Somebody sets by hand what writes need, while the leader hands over to pods that answer late or not at all. */
export const slowHandover: Circumstances = {
  ...{ durability: guarded, pods, absent: 0, priorities: [], dnsLagMaxMs: 0, faultPeriodMs: 300 },
  ...{ network: { ...wellNetwork, delayMaxMs: 400 }, api: wellApi },
  faults: ['config-by-hand', 'switchover', 'redis-frozen'],
};

/** Each Redis is frozen again and again, while a leader needs nobody to receive a write. */
export const frozen: Circumstances = {
  ...{ durability: unguarded, pods, absent: 0, priorities: [], dnsLagMaxMs: 0, faultPeriodMs: 400 },
  ...{ network: { ...wellNetwork, delayMaxMs: 100 }, api: wellApi, timing: timings.default },
  ...{ clients: { writePeriodMs: 20, strayPeriodMs: 200, routeDelayMaxMs: 500 } },
  ...{ persistence: 'none', calmAtMs: 60_000, endAtMs: 100_000, faults: ['redis-frozen'] },
};

/** Pods of a strict set are deleted by force and run on, beside the new ones of their names. */
export const twinned: Circumstances = {
  ...{ durability: strict, pods, absent: 0, dnsLagMaxMs: 0, faultPeriodMs: 1000, resyncMs: 1500 },
  ...{ network: wellNetwork, api: wellApi, faults: ['pod-twinned', 'redis-killed'] },
};

/** The same to a set of two without disks: each pod may hear only the former one of the other's name. */
export const twinnedEmpty: Circumstances = {
  ...{ pods: 2, absent: 0, persistence: 'none', dnsLagMaxMs: 5000, timing: timings.fast },
  ...{ network: wellNetwork, calmAtMs: 30_000, endAtMs: 65_000 },
  ...{ faults: ['pod-twinned'], faultPeriodMs: 800 },
};

/** The pods of a set on disks are deleted by force and run on, and not everybody hears everybody. */
export const twinnedApart: Circumstances = {
  ...{ pods: 2, absent: 0, persistence: 'aof', dnsLagMaxMs: 0, timing: timings.fast },
  ...{
    durability: unguarded,
    network: wellNetwork,
    api: wellApi,
    calmAtMs: 30_000,
    endAtMs: 65_000,
  },
  ...{ faults: ['pod-twinned', 'cut-from-peers'], faultPeriodMs: 1200 },
};

/**
 * Each Redis of a strict set is frozen now and then, and what the API server says and is told takes long: a
 * Redis goes on before all have heard that another one leads.
 */
export const lateNews: Circumstances = {
  ...{ durability: strict, pods, absent: 0, faultPeriodMs: 2500 },
  ...{ calmAtMs: 40_000, endAtMs: 80_000 },
  ...{ network: { ...wellNetwork, delayMaxMs: 200 }, faults: ['redis-frozen'] },
  api: { ...wellApi, delayMinMs: 500, delayMaxMs: 900, watchDelayMaxMs: 3000 },
  timing: {
    ...{ renewPeriodMs: 800, requestTimeoutMs: 2000, leaseDurationSeconds: 6 },
    ...{ fenceDeadlineMs: 5000, fenceTimeoutMs: 300, replicaLagSeconds: 2, promiseMs: 5300 },
    beatTimeoutMs: 1000,
  },
};

/** The lead goes from one to the next all the time, while agents end and begin. */
export const handedRound: Circumstances = { ...frozen, faults: ['switchover', 'agent-stopped'] };

/** Four pods without disks: agents end and forget what they have promised, and the former leader runs on. */
export const forgetful: Circumstances = {
  ...{
    durability: strict,
    pods: 4,
    absent: 0,
    priorities: [],
    persistence: 'none',
    dnsLagMaxMs: 0,
  },
  ...{ network: wellNetwork, api: wellApi, timing: { ...timings.default, promiseMs: 6000 } },
  ...{ faultPeriodMs: 450, calmAtMs: 20_000, endAtMs: 55_000, scalesTo: null },
  faults: [
    ...(['redis-loses-disk', 'redis-loses-disk', 'agent-stopped', 'agent-stopped'] as const),
    'pod-twinned',
  ],
};
