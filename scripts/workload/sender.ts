import { messageOf } from '../../agent/errors.ts';
import { jsonLines } from './json-lines.ts';
import type { Sent } from './record.ts';
import { openPatientClient, type RedisAddress } from './redis-client.ts';

/**
 * Sends commands to several Redis, all at the same time, those to one of them in their order. A Redis
 * that has just ceased to lead cuts its clients for some seconds: what that interrupts is sent again.
 *
 * @param lines JSON, one on each line: the name of a pod, a command, and its arguments
 */
export async function send(pods: ReadonlyMap<string, RedisAddress>, lines: string): Promise<Sent> {
  const commands = jsonLines<[pod: string, name: string, ...words: string[]]>(lines);
  const clients = new Map(
    [...new Set(commands.map(([pod]) => pod))].map((pod) => {
      const address = pods.get(pod);
      if (address === undefined) throw new Error(`no pod is called ${pod}`);
      return [pod, openPatientClient(address)];
    }),
  );
  const ready = [...clients.values()].map(
    (client) => new Promise((resolve) => client.once('ready', resolve)),
  );
  await Promise.all(ready);
  const answers = await Promise.all(
    commands.map(async ([pod, name, ...words]) => {
      try {
        return await clients.get(pod)?.call(name, ...words);
      } catch (error) {
        return messageOf(error);
      }
    }),
  );
  for (const client of clients.values()) client.disconnect();
  return { kind: 'sent', answers };
}
