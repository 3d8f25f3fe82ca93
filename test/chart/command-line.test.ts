import { expect, test } from '@jest/globals';
import type { V1StatefulSet } from '@kubernetes/client-node';

import { parseInit, parseRun } from '../../agent/cli/options.ts';
import { timings } from '../../agent/core/timing.ts';
import { fileOptions, render, setOptions, valuesFiles } from './rendering.ts';

/** The arguments that a pod's container is started with, after Kubernetes has filled in names. */
async function argumentsOf(
  container: string,
  options: readonly string[],
): Promise<readonly string[] | null> {
  const objects = await render(options);
  const set = objects.find((object) => object.kind === 'StatefulSet') as V1StatefulSet;
  const containers = set.spec?.template.spec?.initContainers ?? [];
  const args = containers.find((one) => one.name === container)?.args;
  const facts: Readonly<Record<string, string>> = {
    '$(POD_NAME)': `${set.metadata?.name ?? ''}-0`,
    '$(POD_UID)': '3f919c3e-793a-490c-ae81-8434db2182b9',
    '$(POD_IP)': '10.244.1.7',
  };
  const fill = (text: string): string =>
    Object.entries(facts).reduce((filled, [name, value]) => filled.replace(name, value), text);
  return args?.map(fill) ?? null;
}

test('the agent understands what the chart tells it', async () => {
  const values = {
    'failover.timing': 'calm',
    'failover.beatTimeoutMs': 9000,
    'failover.durability': 'strict',
    'failover.onReplicaLoss': 'block',
    'agent.port': 9000,
    'master.containerPorts.redis': 7000,
    'replica.replicaCount': 5,
  };
  const [command, ...args] = (await argumentsOf('agent', setOptions(values))) ?? [];
  expect(command).toBe('run');
  expect(parseRun(args)).toMatchObject({
    pod: 'shop-redis-node-0',
    set: 'shop-redis',
    namespace: 'prod',
    headlessService: 'shop-redis-headless',
    leaderService: 'shop-redis-master',
    replicas: 5,
    port: 7000,
    agentPort: 9000,
    dataDir: '/data',
    passwordFile: '/etc/regent/auth/password',
    peerSecretFile: '/etc/regent/peers/secret',
    timing: { ...timings.calm, beatTimeoutMs: 9000 },
    durability: { durability: 'strict', onReplicaLoss: 'block' },
  });
});

test('init understands what the chart tells it', async () => {
  const [command, ...args] = (await argumentsOf('init', [])) ?? [];
  expect(command).toBe('init');
  expect(parseInit(args)).toEqual({
    port: 6379,
    announceHost: 'shop-redis-node-0.shop-redis-headless.prod.svc.cluster.local',
    config: '/etc/regent/config/redis.conf',
    output: '/run/regent/redis.conf',
    dataDir: '/data',
    passwordFile: '/etc/regent/auth/password',
    tlsDir: null,
    tlsAuthClients: 'yes',
  });
});

test('both commands understand where the certificates are', async () => {
  const values = { 'tls.enabled': true, 'tls.existingSecret': 'theirs', 'tls.authClients': false };
  const options = setOptions({ ...values, 'agent.peerPort': 9001 });
  const run = (await argumentsOf('agent', options)) ?? [];
  expect(parseRun(run.slice(1))).toMatchObject({ tlsDir: '/etc/regent/tls', peerPort: 9001 });
  const init = (await argumentsOf('init', options)) ?? [];
  expect(parseInit(init.slice(1))).toMatchObject({
    tlsDir: '/etc/regent/tls',
    tlsAuthClients: 'no',
  });
});

test.each(valuesFiles)('the agent understands the command lines of %s', async (name) => {
  const run = await argumentsOf('agent', fileOptions(name));
  const init = await argumentsOf('init', fileOptions(name));
  if (name.startsWith('standalone')) {
    expect([run, init]).toEqual([null, null]);
  } else {
    expect(parseRun(run?.slice(1) ?? [])).toBeDefined();
    expect(parseInit(init?.slice(1) ?? [])).toBeDefined();
  }
});
