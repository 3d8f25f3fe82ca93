import { expect, jest, test } from '@jest/globals';
import { uniquePrefix } from '../../scripts/experiment/failover.ts';
import { spread } from '../../scripts/experiment/summary.ts';
import type { Acknowledged } from '../../scripts/workload/record.ts';
import {
  expectOneWholeSet,
  onScene,
  podCount,
  scenarioTimeoutMs,
  tell,
  type Scene,
} from './scene.ts';

jest.setTimeout(scenarioTimeoutMs);

/** A change that somebody makes on purpose. Resolves when it is done. */
type Change = (scene: Scene) => Promise<unknown>;

/** Makes the change while an application writes: nothing that was acknowledged may be missing. */
async function changeUnderLoad(scene: Scene, scenario: string, change: Change): Promise<void> {
  const { set, workload } = scene;
  const leader = await expectOneWholeSet(scene);
  const prefix = uniquePrefix();
  const writer = workload.startWriter(set.leaderService, prefix);
  await writer.until(() => writer.of('acknowledged')[20], { what: 'writing', timeoutMs: 30_000 });
  await change(scene);
  const successor = await expectOneWholeSet(scene);
  await writer.stop();
  expect(successor.uid).not.toBe(leader.uid);

  const acknowledged = writer.of('acknowledged');
  const numbers = acknowledged.map(({ n }) => n);
  for (const host of set.hosts(podCount).values()) {
    const { missing } = await workload.check(host, prefix, numbers);
    expect({ host, missing }).toEqual({ host, missing: [] });
  }
  await tell(scenario, {
    gapMs: spread(longGaps(acknowledged)),
    acknowledgedCount: numbers.length,
  });
}

/** The pauses between two acknowledged writes in which the client had to connect anew. */
function longGaps(acknowledged: readonly Acknowledged[]): readonly number[] {
  return acknowledged.flatMap((one, index) => {
    const before = acknowledged[index - 1];
    return before === undefined || before.connection === one.connection
      ? []
      : [one.atMs - before.atMs];
  });
}

test('a switchover loses no acknowledged write', () =>
  onScene({ name: 'switchover' }, (scene) =>
    changeUnderLoad(scene, 'switchover', async ({ set, settled }) => {
      const { name } = await settled();
      const regent = ['regent', 'switchover'];
      await set.cluster.kubectl(['exec', name, '--container=agent', '--', ...regent]);
    }),
  ));

test('a rolling restart of all pods loses no acknowledged write', () =>
  onScene({ name: 'rolling' }, (scene) =>
    changeUnderLoad(scene, 'rolling restart', async ({ set }) => {
      const target = `statefulset/${set.name}-node`;
      await set.cluster.kubectl(['rollout', 'restart', target]);
      await set.cluster.kubectl(['rollout', 'status', target, '--timeout=300s']);
    }),
  ));
