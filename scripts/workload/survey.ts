import { once } from 'node:events';
import type { Surveyed } from './record.ts';
import { openPatientClient, type RedisAddress } from './redis-client.ts';

/** Asks each Redis once how it stands in the set. Rejects when one does not answer. */
export async function survey(pods: ReadonlyMap<string, RedisAddress>): Promise<Surveyed[]> {
  return Promise.all([...pods].map(([pod, address]) => surveyOne(pod, address)));
}

async function surveyOne(pod: string, address: RedisAddress): Promise<Surveyed> {
  const client = openPatientClient(address);
  try {
    await once(client, 'ready', { signal: AbortSignal.timeout(address.timeoutMs) });
    const info = await client.info('replication');
    const field = (name: string): string | null =>
      new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
    return {
      ...{ kind: 'surveyed', pod },
      role: field('role') ?? '',
      link: field('master_link_status'),
      replicaCount: Number(field('connected_slaves')),
      offset: Number(field('master_repl_offset')),
    };
  } finally {
    client.disconnect();
  }
}
