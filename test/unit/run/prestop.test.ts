import { expect, test } from '@jest/globals';
import type { LeaseRecord } from '../../../agent/core/lease.ts';
import { monotonic, type MonotonicMs } from '../../../agent/core/units.ts';
import type { Deletion } from '../../../agent/kube/pod.ts';
import { prestop } from '../../../agent/run/prestop.ts';
import { aRecord, aRecordOfOurs, aSelf } from '../../support/turn.ts';

const others = aRecord({ holder: { pod: 'node-9', uid: 'uid-9' } });

/** After one look at the clock, which moves with each. */
const soonMs = 100;

/** An agent that gives the lead up as soon as it is told to stop, and a clock that runs fast. */
class Ending {
  record: LeaseRecord | null = aRecordOfOurs();
  nowMs = 0;
  /** By how much the clock moves with each look at it. */
  stepMs = soonMs;
  /** Until when Redis makes the log of data that it has just received. */
  logUntilMs = 0;
  members = 3;
  /** How many pods the StatefulSet is to have; `null`: nobody knows. */
  wantedMembers: number | null = 3;
  /** How often the API server does not answer. */
  silences = 0;
  /** It may read its own pod. */
  mayRead = true;
  readonly toldAtMs: number[] = [];

  request(): void {
    this.toldAtMs.push(this.nowMs);
    this.record = others;
  }

  clock = (): MonotonicMs => monotonic((this.nowMs += this.stepMs));

  get isLogBehind(): boolean {
    return this.nowMs < this.logUntilMs;
  }
}

function hook(agent: Ending, seconds: number | null, members = 3): ReturnType<typeof prestop> {
  const { clock, wantedMembers } = agent;
  const deletion = (): Promise<Deletion> => {
    agent.silences -= 1;
    if (!agent.mayRead) return Promise.resolve({ kind: 'refused' });
    if (agent.silences >= 0) return Promise.resolve({ kind: 'unknown' });
    if (seconds === null) return Promise.resolve({ kind: 'none' });
    return Promise.resolve({ kind: 'deleted', graceSeconds: seconds });
  };
  agent.members = members;
  const sight = wantedMembers === null ? null : { members: wantedMembers, askedAtMs: monotonic(0) };
  return prestop({ self: aSelf(), agent, redis: agent, clock, deletion, scale: { sight } });
}

test('a stranger moves nobody: a pod that is not being deleted hands nothing over', async () => {
  const agent = new Ending();
  expect((await hook(agent, null)).status).toBe(409);
  expect(agent.toldAtMs).toEqual([]);
});

test('an API server that is slow to say that the pod is deleted does not cost the hand-over', async () => {
  const agent = new Ending();
  agent.silences = 2;
  expect(await hook(agent, 45)).toEqual({ status: 200, body: { left: true, saved: true } });
  expect(agent.toldAtMs).toHaveLength(1);
  const nameless = new Ending();
  nameless.silences = Infinity;
  nameless.stepMs = 2000;
  expect((await hook(nameless, 45)).status).toBe(503);
  expect(nameless.toldAtMs).toEqual([]);
});

test('a release that is removed with its Role does not keep its pods waiting', async () => {
  const agent = new Ending();
  agent.mayRead = false;
  expect((await hook(agent, 45)).status).toBe(503);
  expect(agent.toldAtMs).toEqual([]);
  expect(agent.nowMs).toBeLessThan(500);
});

test('a leader that goes away leads on until kube-proxy has nothing else to write', async () => {
  const agent = new Ending();
  expect(await hook(agent, 45)).toEqual({ status: 200, body: { left: true, saved: true } });
  expect(agent.toldAtMs).toHaveLength(1);
  expect(agent.toldAtMs[0]).toBeGreaterThanOrEqual(2000);
});

test('a leader with little time hands over at once, and a follower has nothing to wait for', async () => {
  const hurried = new Ending();
  await hook(hurried, 5);
  expect(hurried.toldAtMs).toEqual([soonMs]);
  const follower = new Ending();
  follower.record = others;
  await hook(follower, 45);
  expect(follower.toldAtMs).toHaveLength(1);
  expect(follower.toldAtMs[0]).toBeLessThan(500);
});

test('a set of one has nobody to hand over to', async () => {
  const agent = new Ending();
  expect(await hook(agent, 45, 1)).toEqual({ status: 200, body: { left: true, saved: true } });
  expect(agent.toldAtMs).toEqual([soonMs]);
});

test('who led stays until its successor has begun, which may end before', async () => {
  const agent = new Ending();
  const begunMs = 7000;
  agent.request = (): void => {
    agent.record = aRecord({ term: 4 });
  };
  const { clock } = agent;
  agent.clock = (): MonotonicMs => {
    const nowMs = clock();
    const [newest] = others.lineage.slice(-1);
    if (nowMs >= begunMs && newest !== undefined) {
      agent.record = aRecord({ term: 4, lineage: [{ ...newest, term: 4 }] });
    }
    return nowMs;
  };
  expect(await hook(agent, 45)).toEqual({ status: 200, body: { left: true, saved: true } });
  expect(agent.nowMs).toBeGreaterThanOrEqual(begunMs);
  const follower = new Ending();
  follower.record = aRecord({ term: 4 });
  follower.request = (): void => undefined;
  await hook(follower, 45);
  expect(follower.nowMs).toBeLessThan(2000);
});

/** A leader whom nobody replaces, by how many pods there are to be. */
async function endOfTheLast(wantedMembers: number | null): Promise<number> {
  const agent = new Ending();
  agent.wantedMembers = wantedMembers;
  agent.stepMs = 1000;
  agent.request = (): void => undefined;
  expect(await hook(agent, 45)).toEqual({ status: 200, body: { left: false, saved: true } });
  return agent.nowMs;
}

test('nobody takes over: a leader stays for as long as its pod has, when others are to come', async () => {
  const others = 2;
  expect(await endOfTheLast(others)).toBeGreaterThanOrEqual(35_000);
  expect(await endOfTheLast(others)).toBeLessThan(45_000);
  // The set is removed, scaled to none, or nobody knows.
  for (const gone of [null, 0, 1]) {
    const endMs = await endOfTheLast(gone);
    expect(endMs).toBeGreaterThanOrEqual(10_000);
    expect(endMs).toBeLessThan(20_000);
  }
});

test('Redis has its log whole before it is told to end, or as long as the pod can wait', async () => {
  const follower = new Ending();
  follower.record = others;
  follower.stepMs = 1000;
  follower.logUntilMs = 20_000;
  expect(await hook(follower, 45)).toEqual({ status: 200, body: { left: true, saved: true } });
  expect(follower.nowMs).toBeGreaterThanOrEqual(20_000);
  const endless = new Ending();
  endless.record = others;
  endless.stepMs = 1000;
  endless.logUntilMs = Infinity;
  expect(await hook(endless, 45)).toEqual({ status: 200, body: { left: true, saved: false } });
  expect(endless.nowMs).toBeLessThan(40_000);
});
