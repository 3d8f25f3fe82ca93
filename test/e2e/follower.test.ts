import { expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniquePrefix } from '../../scripts/experiment/failover.ts';
import { killRedis, killRedisAndEmpty, type Strike } from '../../scripts/experiment/strike.ts';
import { Watch } from '../../scripts/experiment/watch.ts';
import { expectOneWholeSet, onScene, scenarioTimeoutMs, tell, type Scene } from './scene.ts';

jest.setTimeout(scenarioTimeoutMs);

/** A data set that takes a moment to load and to send. */
const keyCount = 200_000;
const valueBytes = 300;
const ready = '.status.conditions[?(@.type=="Ready")].status';

async function loseFollower(scene: Scene, scenario: string, strike: Strike): Promise<void> {
  const { set, workload, census } = scene;
  const leader = await scene.settled();
  await workload.fill(set.leaderService, keyCount, valueBytes);
  const follower = (await set.pods()).find(({ uid }) => uid !== leader.uid)!;
  const prefix = uniquePrefix();
  const writer = workload.startWriter(set.leaderService, prefix);
  await writer.until(() => writer.of('acknowledged')[0], { what: 'writing', timeoutMs: 30_000 });
  const readiness = new Watch(set.cluster, 'pod', follower.name, ready);
  const blow = await strike(scene, follower);
  await sleep(1000);
  const killedMs = await blow();

  const seen = (): ReturnType<typeof census.of<'seen'>> =>
    census.of('seen').filter(({ pod, atMs }) => pod === follower.name && atMs >= killedMs);
  const back = await census.until(() => seen().find(({ link }) => link === 'connected'), {
    ...{ what: 'the follower is a replica again', timeoutMs: 120_000 },
  });
  const successor = await expectOneWholeSet(scene);
  expect(successor.uid).toBe(leader.uid);
  await writer.stop();
  await readiness.stop();

  // Never writable, and never a primary of its own.
  expect(seen().filter(({ accepts, role }) => accepts || role === 'master')).toEqual([]);
  // It was ready, then not, and ready again only when it was in step.
  const changes = readiness.changes.filter(({ atMs }) => atMs >= killedMs);
  expect(changes[0]?.value).toBe('False');
  const readyAgain = changes.find(({ value }) => value === 'True');
  expect(readyAgain?.atMs).toBeGreaterThan(back.atMs);

  const surveyed = await workload.survey(set.hosts(3));
  const counts = surveyed.map((one) => one.keyCount);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(keyCount);
  const numbers = writer.of('acknowledged').map(({ n }) => n);
  const { missing } = await workload.check(set.leaderService, prefix, numbers);
  expect(missing).toEqual([]);
  await tell(scenario, { inStepAfterMs: back.atMs - killedMs, acknowledgedCount: numbers.length });
}

test('a follower whose Redis restarts is a replica again, and ready only when in step', () =>
  onScene({ name: 'follower' }, (scene) => loseFollower(scene, 'follower restarts', killRedis)));

test('a follower whose Redis restarts empty is a replica again, and ready only when in step', () =>
  onScene({ name: 'follower-empty', values: ['master.persistence.enabled=false'] }, (scene) =>
    loseFollower(scene, 'follower restarts empty', killRedisAndEmpty),
  ));
