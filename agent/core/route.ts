/** Where the leader Service should point. */
import type { Turn } from './decision.ts';
import type { LeaseRecord } from './lease.ts';

/** Whether nothing is left to do about the route in the record's term. */
export function isRouted({ self, seen }: Turn, record: LeaseRecord): boolean {
  const { route, busy } = seen;
  if (busy.route) return true;
  if (route === null || route.term < record.term) return false;
  // A higher term wrote it: that one leads, and this agent is about to read so (I10).
  return route.term > record.term || route.address === self.address;
}
