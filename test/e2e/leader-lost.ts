import { expect } from '@jest/globals';
import { failOver, lostWrites, uniquePrefix } from '../../scripts/experiment/failover.ts';
import { replaceWorn } from '../../scripts/experiment/replace-worn.ts';
import type { Strike } from '../../scripts/experiment/strike.ts';
import { spread } from '../../scripts/experiment/summary.ts';
import { expectOneWholeSet, podCount, tell, times, type Scene } from './scene.ts';

/** What was acknowledged so long before the leader was lost has reached the replicas. */
const replicatedMs = 1000;
/** Renewals come round in this time: a blow within it finds any phase. */
const phaseMs = 1500;
const settleTimeoutMs = 180_000;

/**
 * Loses the leader several times while an application writes. Each time another pod leads, the lost
 * one comes back as its replica, and nothing is missing but what had not been replicated yet.
 */
export async function loseLeaders(scene: Scene, scenario: string, strike: Strike): Promise<void> {
  const gapsMs: number[] = [];
  let acknowledgedCount = 0;
  let lostCount = 0;
  for (let time = 1; time <= times; time += 1) {
    const leader = await expectOneWholeSet(scene);
    const writeBeforeMs = 2000 + Math.random() * phaseMs;
    const blow = { strike, leader, prefix: uniquePrefix(), writeBeforeMs };
    const failover = await failOver(scene, blow);
    const successor = await expectOneWholeSet(scene);
    expect(successor.uid).not.toBe(leader.uid);

    const lost = await lostWrites(scene, failover);
    const late = lost.filter(({ atMs }) => atMs < failover.killedMs - replicatedMs);
    expect(late).toEqual([]);
    await expectReplicasToHave(
      scene,
      failover.prefix,
      failover.acknowledged.map(({ n }) => n).filter((n) => !lost.some((one) => one.n === n)),
    );
    gapsMs.push(failover.writableAfterMs);
    acknowledgedCount += failover.acknowledged.length;
    lostCount += lost.length;
    await replaceWorn(scene.set, podCount, settleTimeoutMs);
  }
  await tell(scenario, { gapMs: spread(gapsMs), acknowledgedCount, lostCount });
}

/** Every pod has what the leader has. */
async function expectReplicasToHave(
  { set, workload }: Scene,
  prefix: string,
  numbers: readonly number[],
): Promise<void> {
  for (const host of set.hosts(podCount).values()) {
    const { missing } = await workload.check(host, prefix, numbers);
    expect({ host, missing }).toEqual({ host, missing: [] });
  }
}
