import type { RedisSet } from '../experiment/redis-set.ts';

/** Words of `kubectl auth can-i`. */
export type Right = readonly [verb: string, what: string, ...more: string[]];

/** What an agent has to be able to do. */
export function mayDo({ name, leaseName, sliceName }: RedisSet): Right[] {
  return [
    ['update', `leases.coordination.k8s.io/${leaseName}`],
    ['create', 'leases.coordination.k8s.io'],
    ['update', `endpointslices.discovery.k8s.io/${sliceName}`],
    ['create', 'endpointslices.discovery.k8s.io'],
    ['patch', `pods/${name}-node-0`],
    ['create', 'events'],
  ];
}

/** What it has no use for. */
export function mayNotDo({ name, leaderService }: RedisSet): Right[] {
  return [
    ['list', 'pods'],
    ['get', 'pods/somebody-else'],
    ['patch', 'pods/somebody-else'],
    ['delete', `pods/${name}-node-0`],
    ['create', 'pods'],
    ['create', `pods/${name}-node-0`, '--subresource=exec'],
    ['get', `secrets/${name}`],
    ['list', 'secrets'],
    ['get', 'configmaps'],
    ['list', 'leases.coordination.k8s.io'],
    ['update', 'leases.coordination.k8s.io/somebody-else'],
    ['delete', 'leases.coordination.k8s.io'],
    ['update', 'endpointslices.discovery.k8s.io/somebody-else'],
    ['list', 'endpointslices.discovery.k8s.io'],
    ['patch', `services/${leaderService}`],
    ['update', `statefulsets.apps/${name}-node`],
    ['get', 'nodes'],
  ];
}
