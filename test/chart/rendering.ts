import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { loadAllYaml } from '@kubernetes/client-node';
import type { KubernetesObject } from '@kubernetes/client-node';

import { root } from '../../scripts/environment.ts';
import { chart, outcomeOf, outputOf } from './tool.ts';

/** Values as a person writes them on the command line: `path=value`, as JSON. */
export type Values = Readonly<Record<string, unknown>>;

/** The values files that chart-testing installs, each by its name without the ending. */
export const valuesFiles: readonly string[] = readdirSync(join(root, chart, 'ci'))
  .filter((file) => file.endsWith('-values.yaml'))
  .map((file) => file.slice(0, -'-values.yaml'.length));

/** The options that make Helm take one of these files. */
export function fileOptions(name: string): readonly string[] {
  return ['--values', join(chart, 'ci', `${name}-values.yaml`)];
}

/** The options that set values. */
export function setOptions(values: Values): readonly string[] {
  return Object.entries(values).flatMap(([path, value]) => [
    '--set-json',
    `${path}=${JSON.stringify(value)}`,
  ]);
}

const release = ['template', 'shop', chart, '--namespace', 'prod'];

/** What the chart renders, as text. */
export async function renderText(options: readonly string[]): Promise<string> {
  return outputOf('helm', [...release, ...options]);
}

/** What the chart renders, as objects. */
export async function render(options: readonly string[]): Promise<readonly KubernetesObject[]> {
  const objects: unknown[] = loadAllYaml(await renderText(options));
  return objects.filter((object) => object !== null && object !== undefined);
}

/** What Helm says about values that the chart refuses. */
export async function refusalOf(values: Values): Promise<string> {
  const { code, complaint } = await outcomeOf('helm', [...release, ...setOptions(values)]);
  if (code === 0) throw new Error(`${JSON.stringify(values)} was taken`);
  return complaint;
}
