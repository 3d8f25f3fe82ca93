import type { Waited } from './record.ts';
import { openClient, type RedisAddress } from './redis-client.ts';

/** What to write, and how often. */
export interface WaiterOptions {
  readonly address: RedisAddress;
  readonly prefix: string;
  readonly count: number;
}

/** Writes again and again, each time waiting until one replica has it: SET, then WAIT 1. */
export async function waitOften({ address, prefix, count }: WaiterOptions): Promise<Waited> {
  const client = openClient(address);
  const setsMs: number[] = [];
  const waitsMs: number[] = [];
  await new Promise((resolve) => client.once('ready', resolve));
  for (let n = 0; n < count; n += 1) {
    const startMs = performance.now();
    await client.set(`${prefix}${n}`, n);
    const setMs = performance.now();
    const copies = await client.wait(1, address.timeoutMs);
    if (copies < 1) throw new Error('WAIT 1: no replica has acknowledged');
    setsMs.push(setMs - startMs);
    waitsMs.push(performance.now() - setMs);
  }
  client.disconnect();
  return { kind: 'waited', setsMs, waitsMs };
}
