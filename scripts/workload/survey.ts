import type { Surveyed } from './record.ts';
import { openClient, type RedisAddress } from './redis-client.ts';

/** Asks each Redis once how it stands in the set. Rejects when one does not answer. */
export async function survey(pods: ReadonlyMap<string, RedisAddress>): Promise<Surveyed[]> {
  return Promise.all(
    [...pods].map(async ([pod, address]) => {
      const client = openClient(address);
      await new Promise((resolve) => client.once('ready', resolve));
      const [info, keyCount] = await Promise.all([client.info('replication'), client.dbsize()]);
      client.disconnect();
      const field = (name: string): string | null =>
        new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
      return {
        ...{ kind: 'surveyed' as const, pod, keyCount },
        role: field('role') ?? '',
        link: field('master_link_status'),
        replicaCount: Number(field('connected_slaves')),
        offset: Number(field('master_repl_offset')),
      };
    }),
  );
}
