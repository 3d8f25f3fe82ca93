import { messageOf } from '../../agent/errors.ts';
import type { Crowded } from './record.ts';
import { openClient, type RedisAddress } from './redis-client.ts';

/** Opens many connections at once, asks each for a role, and closes them all. */
export async function crowd(address: RedisAddress, count: number): Promise<Crowded> {
  const clients = Array.from({ length: count }, () => openClient(address));
  await Promise.all(
    clients.map((client) => new Promise((resolve) => client.once('ready', resolve))),
  );
  const answers = await Promise.allSettled(clients.map((client) => client.role()));
  for (const client of clients) client.disconnect();
  const roles: Record<string, number> = {};
  for (const answer of answers) {
    const { status } = answer;
    const role = status === 'fulfilled' ? String(answer.value[0]) : messageOf(answer.reason);
    roles[role] = (roles[role] ?? 0) + 1;
  }
  return { kind: 'crowded', roles };
}
