import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../agent/errors.ts';
import { cache } from '../environment.ts';
import { agentLogText } from './agent-log.ts';
import type { Cluster } from './cluster.ts';
import type { RedisSet } from './redis-set.ts';

const kinds = 'pods,statefulsets,services,endpointslices,leases,persistentvolumeclaims,events';

/**
 * Keeps what there is to read about a set that went wrong.
 *
 * @param name names the folder; what was there from an earlier time is replaced
 * @returns the folder
 */
export async function keepEvidence(set: RedisSet, name: string): Promise<string> {
  const folder = join(cache, 'evidence', name);
  await mkdir(folder, { recursive: true });
  const pods = [...set.hosts(3).keys()];
  const { cluster } = set;
  const texts = {
    'objects.txt': await attempt(cluster, ['get', kinds, '--output=wide']),
    'pods.txt': await attempt(cluster, ['describe', 'pods']),
    'lease.yaml': await attempt(cluster, ['get', 'lease', set.leaseName, '--output=yaml']),
    'agents.log': await agentLogText(cluster, pods),
    'redis.log': await attempt(cluster, [
      ...['logs', `--selector=app.kubernetes.io/instance=${set.release}`, '--container=redis'],
      ...['--prefix', '--tail=-1'],
    ]),
  };
  for (const [file, text] of Object.entries(texts)) await writeFile(join(folder, file), text);
  return folder;
}

async function attempt(cluster: Cluster, words: readonly string[]): Promise<string> {
  try {
    return await cluster.kubectl(words);
  } catch (error) {
    return `${messageOf(error)}\n`;
  }
}
