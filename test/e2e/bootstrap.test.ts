import { expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniquePrefix } from '../../scripts/experiment/failover.ts';
import { wallClockMs } from '../../scripts/workload/wall-clock.ts';
import { expectOneWholeSet, onScene, scenarioTimeoutMs, tell, type Scene } from './scene.ts';

jest.setTimeout(scenarioTimeoutMs);

/** Keeps pods from being put on a machine until the test says so. */
const gate = 'e2e.regent.dev/held-back';
const values = [`replica.extraPodSpec.schedulingGates[0].name=${gate}`];

async function letGo({ set }: Scene, pod: string): Promise<void> {
  const patch = '[{"op": "remove", "path": "/spec/schedulingGates"}]';
  await set.cluster.kubectl(['patch', 'pod', pod, '--type=json', `--patch=${patch}`]);
}

/** Lets pods go in this order, and asks for one whole set that takes writes. */
async function bootstrap(scene: Scene, orderOfPods: number[], pauseMs: number): Promise<void> {
  const { set, workload, census } = scene;
  const prefix = uniquePrefix();
  const writer = workload.startWriter(set.leaderService, prefix);
  const names = orderOfPods.map((ordinal) => `${set.name}-node-${ordinal}`);
  const begunMs = wallClockMs();
  for (const name of names) {
    await letGo(scene, name);
    await sleep(pauseMs);
  }
  const what = 'the first write of a new set';
  const first = await writer.until(() => writer.of('acknowledged')[0], {
    ...{ what, timeoutMs: 120_000 },
  });
  const leader = await expectOneWholeSet(scene);
  await sleep(1000);
  await writer.stop();
  const numbers = writer.of('acknowledged').map(({ n }) => n);
  const { missing } = await workload.check(set.leaderService, prefix, numbers);
  expect(missing).toEqual([]);
  // Nobody has led before: the one that came to lead is the only one that ever took a write.
  const tookWrites = census.of('seen').filter(({ accepts }) => accepts);
  expect(new Set(tookWrites.map(({ pod }) => pod))).toEqual(new Set([leader.name]));
  await tell(expect.getState().currentTestName ?? '', { firstWriteMs: first.atMs - begunMs });
}

test('pods that start all at once become one set with one primary', () =>
  onScene({ name: 'bootstrap-parallel', values, isHeldBack: true }, (scene) =>
    bootstrap(scene, [0, 1, 2], 0),
  ));

test('pods that start one by one, the last ordinal first, become one set with one primary', () =>
  onScene({ name: 'bootstrap-ordered', values, isHeldBack: true }, (scene) =>
    bootstrap(scene, [2, 0, 1], 8000),
  ));
