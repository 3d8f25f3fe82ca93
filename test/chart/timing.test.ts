import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { loadYaml } from '@kubernetes/client-node';

import { durabilityFault } from '../../agent/core/durability.ts';
import { timingFaults, timingProfiles, timings } from '../../agent/core/timing.ts';
import type { Timing, TimingProfile } from '../../agent/core/timing.ts';
import { root } from '../../scripts/environment.ts';
import { refusalOf, renderText, setOptions } from './rendering.ts';

test('the chart and the agent have the same ready-made timings', () => {
  const template = readFileSync(join(root, 'chart/templates/_timing.tpl'), 'utf8');
  const [, text = ''] = /define "regent.timing.profiles" -}}([^{]*){{/.exec(template) ?? [];
  expect(loadYaml(text)).toEqual(timings);
});

test.each(timingProfiles)('the chart takes the timing %s as it is', async (profile) => {
  expect(timingFaults(timings[profile])).toEqual([]);
  const rendered = await renderText(setOptions({ 'failover.timing': profile }));
  expect(rendered).toContain(`--timing=${profile}`);
});

const faulty: readonly (readonly [TimingProfile, Partial<Timing>])[] = [
  ['default', { renewPeriodMs: 499 }],
  ['default', { requestTimeoutMs: 1351 }],
  ['default', { fenceDeadlineMs: 3899 }],
  ['default', { fenceTimeoutMs: 1681 }],
  ['default', { leaseDurationSeconds: 4 }],
  ['default', { leaseDurationSeconds: 60, replicaLagSeconds: 59 }],
  ['default', { promiseMs: 4489 }],
  ['default', { promiseMs: 6001 }],
  ['fast', { renewPeriodMs: 2000 }],
  ['fast', { replicaLagSeconds: 3 }],
  ['calm', { leaseDurationSeconds: 12 }],
];

test.each(faulty)(
  'the chart refuses %s with %j by the sentence of the agent',
  async (profile, part) => {
    const [sentence] = timingFaults({ ...timings[profile], ...part });
    const single = Object.entries(part).map(([name, value]) => [`failover.${name}`, value]);
    const values = { 'failover.timing': profile, ...(Object.fromEntries(single) as object) };
    expect(sentence).toBeDefined();
    expect(await refusalOf(values)).toContain(sentence);
  },
);

const sound: readonly (readonly [TimingProfile, Partial<Timing>])[] = [
  ['default', { renewPeriodMs: 500 }],
  ['default', { requestTimeoutMs: 1350 }],
  ['default', { fenceTimeoutMs: 1680, promiseMs: 5694 }],
  ['calm', { leaseDurationSeconds: 13 }],
  ['default', { promiseMs: 4490 }],
  ['default', { promiseMs: 6000 }],
];

test.each(sound)('the chart takes %s with %j, as the agent does', async (profile, part) => {
  expect(timingFaults({ ...timings[profile], ...part })).toEqual([]);
  const single = Object.entries(part).map(([name, value]) => [`failover.${name}`, value]);
  const values = { 'failover.timing': profile, ...(Object.fromEntries(single) as object) };
  expect(await renderText(setOptions(values))).toContain('kind: StatefulSet');
});

test('the chart refuses a durability that contradicts itself by the sentence of the agent', async () => {
  const choice = { durability: 'strict', onReplicaLoss: 'degrade' } as const;
  const sentence = durabilityFault(choice);
  expect(sentence).not.toBeNull();
  const values = { 'failover.durability': 'strict', 'failover.onReplicaLoss': 'degrade' };
  expect(await refusalOf(values)).toContain(sentence);
});
