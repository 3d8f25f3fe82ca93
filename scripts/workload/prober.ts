import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Probed } from './record.ts';

/** An answer that takes longer counts as none, in milliseconds. */
const timeoutMs = 5000;

/**
 * Asks a URL `count` times, one after the other, each time over a new connection, as kubelet does.
 * Rejects when it does not answer.
 */
export async function probe(url: string, count: number): Promise<Probed> {
  const durationsMs: number[] = [];
  const statuses: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) {
    const startMs = performance.now();
    const status = await answerOf(url);
    durationsMs.push(performance.now() - startMs);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return { kind: 'probed', durationsMs, statuses };
}

async function answerOf(url: string): Promise<string> {
  const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return String(response.statusCode);
}
