/** Where the leader Service should point. */
import type { Turn } from './decision.ts';
import type { LeaseRecord } from './lease.ts';

/** Whether nothing is left to do about the route in the record's term. */
export function isRouted({ self, seen }: Turn, record: LeaseRecord): boolean {
  const { route, busy } = seen;
  if (busy.route) return true;
  if (route === null || route.term < record.term) return false;
  // A higher term wrote it: another leads, or the Lease was deleted and has to catch up (I10).
  return route.term > record.term || route.address === self.address;
}
