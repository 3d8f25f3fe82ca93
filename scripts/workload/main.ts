/**
 * What the demo and the end-to-end tests run inside the cluster, as one program:
 *
 *   writer  --host H --prefix P          an application that writes all the time
 *   client  --host H --prefix P          the same, and reads what was acknowledged to it; instead of --host
 *           --sentinels HOST:PORT,... --primary NAME: whom to ask for it
 *   census  --pods NAME=HOST,... --prefix P   which pods take writes
 *   checker --host H, or --pods NAME=HOST,...   which of the writes on standard input are there, JSON lines
 *           {"prefix": P, "ranges": [[FIRST, LAST], ...]}
 *   survey  --pods NAME=HOST,...         how each Redis stands
 *   filler  --host H --prefix P --keys N --bytes N [--remove]   a data set of some size
 *   killer  --containers ID,... [--empty FOLDER] [--signals SIGKILL,...]   signals containers of this
 *           machine at once
 *   crowd   --host H --count N           who answers many connections that are open at once
 *   sender  --pods NAME=HOST,...         sends commands, JSON lines [NAME, COMMAND...] on standard input
 *   roles   --host H                     who answers there, over a new connection each time
 *   processes --containers ID,...        what containers of this machine have used
 *   prober  --url U --count N            how long a GET request takes
 *   waiter  --host H --prefix P --count N   how long SET takes, and WAIT 1 after it
 *
 * Each prints JSON lines (record.ts). Writer, client and census end when standard input does; a line on it
 * is answered with the time. The killer tells the time when it is ready, and sends one of its signals at
 * each line. The password of Redis is in REDIS_PASSWORD, and the folder of a client's
 * certificates in REDIS_TLS_DIR if connections are encrypted.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../agent/errors.ts';
import { Options, UsageError } from '../options.ts';
import { count } from './census.ts';
import { check, type Writes } from './checker.ts';
import { crowd } from './crowd.ts';
import { jsonLines } from './json-lines.ts';
import { aim, signalNames, type SignalName } from './killer.ts';
import { probe } from './prober.ts';
import { processUsage } from './processes.ts';
import type { Report } from './record.ts';
import { fill, type FillerOptions } from './filler.ts';
import type { Certificates, RedisAddress } from './redis-client.ts';
import { read } from './reader.ts';
import { poll } from './roles.ts';
import { send } from './sender.ts';
import { survey } from './survey.ts';
import { waitOften } from './waiter.ts';
import { wallClockMs } from './wall-clock.ts';
import { write } from './writer.ts';

const report: Report = (record) => process.stdout.write(`${JSON.stringify(record)}\n`);

const prefixOf = (options: Options): string => options.text('prefix') ?? '';

/** What each program does. */
const programs: Readonly<Record<string, (options: Options) => Promise<void>>> = {
  writer: async (options) => {
    const where = { address: address(options), prefix: prefixOf(options) };
    await write({ ...where, periodMs: period(options) }, report, stop());
  },
  client: applicate,
  census: async (options) => {
    const where = { pods: pods(options), prefix: prefixOf(options) };
    await count({ ...where, periodMs: period(options) }, report, stop());
  },
  checker: async (options) => {
    const isOne = options.text('pods') === null;
    const places = isOne ? new Map([['', place(options)]]) : pods(options);
    for (const one of await check(places, jsonLines<Writes>(await text(process.stdin))))
      report(one);
  },
  survey: async (options) => {
    for (const one of await survey(pods(options))) report(one);
  },
  filler: (options) =>
    fill({ address: address(options), prefix: prefixOf(options), ...size(options) }),
  killer: signalOnLine,
  crowd: async (options) => {
    report(await crowd(address(options), times(options)));
  },
  sender: async (options) => {
    report(await send(pods(options), await text(process.stdin)));
  },
  processes: (options) => {
    for (const one of processUsage(required(options, 'containers').split(','))) report(one);
    return Promise.resolve();
  },
  prober: async (options) => {
    report(await probe(required(options, 'url'), times(options)));
  },
  waiter: async (options) => {
    const where = { address: address(options), prefix: prefixOf(options) };
    report(await waitOften({ ...where, count: times(options) }));
  },
  roles: (options) =>
    poll({ address: address(options), periodMs: period(options) }, report, stop()),
};

async function run(command: string, options: Options): Promise<void> {
  const program = programs[command];
  if (program === undefined) {
    const allowed = Object.keys(programs).join(', ');
    throw new UsageError(`allowed are ${allowed}, not '${command}'`);
  }
  await program(options);
}

/** Writes, and reads back the newest write that was acknowledged. */
async function applicate(options: Options): Promise<void> {
  let newest = 0;
  const noting: Report = (record) => {
    if (record.kind === 'acknowledged') newest = record.n;
    report(record);
  };
  const how = { prefix: prefixOf(options), periodMs: period(options), address: place(options) };
  const end = stop();
  await Promise.all([write(how, noting, end), read({ ...how, newest: () => newest }, report, end)]);
}

async function signalOnLine(options: Options): Promise<void> {
  const containers = required(options, 'containers').split(',');
  const signals = (options.text('signals') ?? 'SIGKILL').split(',').map(signalName);
  const send = aim({ containers, emptied: options.text('empty') });
  const input = createInterface({ input: process.stdin });
  report({ kind: 'clock', atMs: wallClockMs() });
  for (const signal of signals) {
    await once(input, 'line');
    report(send(signal));
  }
  input.close();
}

function signalName(word: string): SignalName {
  const name = signalNames.find((one) => one === word);
  if (name !== undefined) return name;
  throw new UsageError(`--signals has '${word}'; allowed are ${signalNames.join(', ')}`);
}

/** Aborted when nobody is there any more to read what is written. */
function stop(): AbortSignal {
  const controller = new AbortController();
  createInterface({ input: process.stdin })
    .on('line', () => {
      report({ kind: 'clock', atMs: wallClockMs() });
    })
    .on('close', () => {
      controller.abort();
    });
  return controller.signal;
}

/** A Redis, or the Sentinels that know it. */
function place(options: Options): RedisAddress {
  const listed = options.text('sentinels');
  if (listed === null) return address(options);
  const sentinels = listed.split(',').map((one) => {
    const [host = '', port = '26379'] = one.split(':');
    return { host, port: Number(port) };
  });
  const group = { sentinels, primary: required(options, 'primary') };
  return { ...address(options, ''), group };
}

/** Where a host is, or `host:port`. */
function address(options: Options, place = required(options, 'host')): RedisAddress {
  const [host = '', port = '6379'] = place.split(':');
  const password = process.env['REDIS_PASSWORD'] ?? null;
  const timeoutMs = options.count('timeout-ms', { from: 1, to: 60_000, fallback: 250 });
  return { host, port: Number(port), timeoutMs, password, tls: certificates() };
}

function certificates(): Certificates | null {
  const folder = process.env['REDIS_TLS_DIR'] ?? '';
  if (folder === '') return null;
  const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { ca: file('ca.crt'), cert: file('tls.crt'), key: file('tls.key') };
}

function period(options: Options): number {
  return options.count('period-ms', { from: 1, to: 60_000, fallback: 5 });
}

function size(options: Options): Pick<FillerOptions, 'keyCount' | 'valueBytes' | 'isRemoval'> {
  const bounds = { from: 1, to: 10_000_000, fallback: 1000 };
  const [keyCount, valueBytes] = [options.count('keys', bounds), options.count('bytes', bounds)];
  return { keyCount, valueBytes, isRemoval: options.flag('remove') };
}

function times(options: Options): number {
  return options.count('count', { from: 1, to: 10_000, fallback: 40 });
}

function pods(options: Options): ReadonlyMap<string, RedisAddress> {
  const pairs = required(options, 'pods').split(',');
  return new Map(
    pairs.map((pair) => {
      const [name = '', host = ''] = pair.split('=');
      return [name, address(options, host)];
    }),
  );
}

function required(options: Options, name: string): string {
  const value = options.text(name);
  if (value === null) throw new UsageError(`--${name} is missing`);
  return value;
}

const values = [
  ...['host', 'timeout-ms', 'prefix', 'period-ms', 'pods'],
  ...['keys', 'bytes', 'containers', 'empty', 'signals', 'count', 'url'],
  ...['sentinels', 'primary'],
];

async function main(): Promise<void> {
  try {
    const options = new Options(process.argv.slice(2), { values, flags: ['remove'] });
    await run(options.operands[0] ?? '', options);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    // Standard input, which is open, would keep it alive, and nobody would hear of the end.
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

void main();
