import type { Install } from '../scenarios/scenario.ts';
import { Stage, type Ground, type Profile } from '../scenarios/stage.ts';
import type { Bench } from './benchmark.ts';

/** Installs a set for a benchmark, in the namespace `bench-NAME`. */
export async function openStage(
  bench: Bench,
  name: string,
  install: Install = {},
  profile: Profile = 'default',
): Promise<Stage> {
  const { choice, isTestbed } = bench;
  const ground: Ground = { choice, profile, isTestbed, isBrief: bench.isQuick, soakMs: 0 };
  const { namespace } = await bench.openNamespace(name);
  const stage = new Stage(ground, install, namespace);
  await stage.open();
  return stage;
}
