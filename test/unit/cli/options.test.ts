import { expect, test } from '@jest/globals';
import {
  parseCommand,
  parseFailover,
  parseSwitchover,
  parseView,
} from '../../../agent/cli/command-options.ts';
import { parseInit, parseRun } from '../../../agent/cli/options.ts';
import { timings } from '../../../agent/core/timing.ts';

const init = ['--announce-host=node-0.headless', '--config=/c', '--output=/o'];

const run = [
  '--pod=my-redis-node-2',
  '--pod-uid=50e993d9-9137-406e-b9b1-9f336a2210c3',
  '--pod-ip=10.1.2.3',
  '--namespace=default',
  '--set=my-redis',
  '--headless-service=my-redis-headless',
  '--leader-service=my-redis-master',
  '--replicas=3',
];

/** `run` with other values, and without the options that are `null`. */
function runWith(changes: Record<string, string | null>): readonly string[] {
  const kept = run.filter((option) => !(option.slice(2).split('=')[0]! in changes));
  const set = Object.entries(changes).filter(([, value]) => value !== null);
  return [...kept, ...set.map(([name, value]) => `--${name}=${value ?? ''}`)];
}

test('what is left out has its default', () => {
  expect(parseRun(run)).toMatchObject({
    clusterDomain: 'cluster.local',
    port: 6379,
    agentPort: 8377,
    passwordFile: null,
    redisConfig: '/run/regent/redis.conf',
    dataDir: '/data',
    priority: 100,
    durability: { durability: null, onReplicaLoss: null },
    timing: timings.default,
    logLevel: 'info',
  });
  expect(parseInit(init)).toMatchObject({ port: 6379, dataDir: '/data', passwordFile: null });
  expect(parseView('status', [])).toEqual({ output: 'text', agentPort: 8377 });
  expect(parseSwitchover([])).toEqual({ to: null, agentPort: 8377 });
  expect(parseCommand('pause', [])).toEqual({ agentPort: 8377 });
});

test('a failover takes a name and the word that writes may be lost', () => {
  expect(parseFailover(['--accept-data-loss', '--to=my-redis-node-1'])).toEqual({
    to: 'my-redis-node-1',
    agentPort: 8377,
  });
});

test.each([
  [[], '--to is missing: a lower-case DNS name is needed'],
  [['--to=a'], '--accept-data-loss is missing: failover lets --to lead whatever its data'],
  [['--to=a'], 'without a lost write use regent switchover'],
  [['--to=a', '--accept-data-loss=yes'], "--accept-data-loss: found 'yes', allowed is no value"],
  [['--to=a', '--accept-data-loss', 'b'], "--accept-data-loss: found 'b', allowed is no value"],
  [['--to=a', '--no-accept-data-loss'], '--no-accept-data-loss: no such option'],
])('regent failover %j is refused', (args, sentence) => {
  expect(() => parseFailover(args)).toThrow(sentence);
});

test('commands without options of their own take the port alone', () => {
  expect(() => parseCommand('pause', ['--to=a'])).toThrow(
    "regent pause: unknown option '--to'; allowed are --agent-port",
  );
});

test('with TLS agents talk to each other at a port of their own', () => {
  expect(parseRun(run)).toMatchObject({ tlsDir: null, peerPort: 8378 });
  expect(parseInit(init)).toMatchObject({ tlsDir: null, tlsAuthClients: 'yes' });
  const tls = { 'tls-dir': '/etc/regent/tls', 'peer-port': '8377' };
  expect(() => parseRun(runWith(tls))).toThrow('--peer-port: found 8377, allowed is another');
  expect(() => parseRun(runWith({ ...tls, 'tls-dir': null }))).not.toThrow();
  expect(() => parseInit([...init, '--tls-auth-clients=maybe'])).toThrow('yes, no, optional');
});

test('a value may follow its option after a space', () => {
  expect(parseSwitchover(['--to', 'my-redis-node-1', '--agent-port', '9000'])).toEqual({
    to: 'my-redis-node-1',
    agentPort: 9000,
  });
});

test('a name of digits stays a name', () => {
  expect(parseSwitchover(['--to=0123']).to).toBe('0123');
  const numbered = { set: '007', pod: '007-node-0', namespace: '1e3' };
  expect(parseRun(runWith(numbered))).toMatchObject({
    set: '007',
    pod: '007-node-0',
    namespace: '1e3',
  });
});

test('single timings are laid over the profile', () => {
  const { timing } = parseRun(runWith({ 'timing': 'fast', 'beat-timeout-ms': '2000' }));
  expect(timing).toEqual({ ...timings.fast, beatTimeoutMs: 2000 });
});

test('strict never goes on with fewer copies', () => {
  const strict = { 'durability': 'strict', 'on-replica-loss': 'degrade' };
  expect(() => parseRun(runWith(strict))).toThrow('strict never lowers what a write needs');
  expect(parseRun(runWith({ durability: 'strict' })).durability).toEqual({
    durability: 'strict',
    onReplicaLoss: null,
  });
});

test('a folder is the same with and without a slash at its end', () => {
  expect(parseInit([...init, '--data-dir=/data/']).dataDir).toBe('/data');
  expect(parseInit([...init, '--data-dir=/']).dataDir).toBe('/');
});

test.each([
  [{ pod: null }, '--pod is missing: a lower-case DNS name is needed'],
  [{ replicas: null }, '--replicas is missing: the number of pods, 1 to 999 is needed'],
  [{ replicas: '0' }, "--replicas: found '0', allowed is the number of pods, 1 to 999"],
  [{ replicas: '3.0' }, "--replicas: found '3.0'"],
  [{ replicas: '0x3' }, "--replicas: found '0x3'"],
  [{ replicas: '1e1' }, "--replicas: found '1e1'"],
  [{ replicas: ' 3' }, "--replicas: found ' 3'"],
  [{ replicas: '' }, "--replicas: found ''"],
  [{ port: '65536' }, "--port: found '65536', allowed is a port, 1 to 65535"],
  [{ 'agent-port': '6379' }, '--agent-port: found 6379, allowed is another than --port (6379)'],
  [{ 'pod-ip': '10.1.2' }, "--pod-ip: found '10.1.2', allowed is an IP address"],
  [{ 'pod-uid': 'a/b' }, "--pod-uid: found 'a/b'"],
  [{ pod: 'other-node-0' }, "--pod: found 'other-node-0', allowed is a pod of --set 'my-redis'"],
  [{ pod: 'my-redis-node-01' }, "--pod: found 'my-redis-node-01'"],
  [{ namespace: 'Default' }, "--namespace: found 'Default', allowed is a lower-case DNS name"],
  [{ set: 'x'.repeat(254) }, '--set: found'],
  [{ timing: 'slow' }, "--timing: found 'slow', allowed is one of fast, default, calm"],
  [{ 'log-level': 'trace' }, "--log-level: found 'trace'"],
  [{ 'data-dir': 'data' }, "--data-dir: found 'data', allowed is an absolute path"],
  [{ 'renew-period-ms': '1500ms' }, "--renew-period-ms: found '1500ms', allowed is milliseconds"],
  [{ 'renew-period-ms': '6000' }, '--timing default: fenceDeadlineMs (4200) must be at least'],
  [{ 'lease-duration-seconds': '3' }, '--timing default: fenceDeadlineMs + fenceTimeoutMs (4700)'],
  [{ 'promise-ms': '4000' }, '--timing default: 98 % of promiseMs (4000) must be at least'],
  [{ 'promise-ms': '7000' }, '--timing default: promiseMs (7000) must be at most'],
  [{ durability: 'safe' }, "--durability: found 'safe', allowed is one of async, guarded, strict"],
  [{ 'on-replica-loss': 'stop' }, "--on-replica-loss: found 'stop', allowed is one of degrade"],
  [{ nonsense: '1' }, "regent run: unknown option '--nonsense'; allowed are --pod"],
])('%j is refused', (changes, sentence) => {
  expect(() => parseRun(runWith(changes as Record<string, string | null>))).toThrow(sentence);
});

test.each([
  [['--to'], "--to: found ''"],
  [['--to', '--agent-port', '1'], "--to: found ''"],
  [['--to=a', '--to=b'], "--to is given 2 times ('a', 'b'): once is allowed"],
  [['--no-to'], '--no-to: no such option'],
  [['my-redis-node-1'], "found 'my-redis-node-1', which belongs to no option"],
  [['007'], "found '007', which belongs to no option"],
  [['--', '--to=a'], "found '--to=a', which belongs to no option"],
  [['-t', 'a'], "unknown option '-t'"],
  [['--to.x=a'], "unknown option '--to.x'"],
  [['--__proto__=a'], "unknown option '--__proto__'"],
  [['--constructor=a'], "unknown option '--constructor'"],
])('regent switchover %j is refused', (args, sentence) => {
  expect(() => parseSwitchover(args)).toThrow(sentence);
});

test('nothing that is refused leaves a trace in objects', () => {
  expect(() => parseSwitchover(['--__proto__.polluted=1'])).toThrow();
  expect({}).not.toHaveProperty('polluted');
});
