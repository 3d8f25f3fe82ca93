import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { timings } from '../../agent/core/timing.ts';
import { parseSetView } from '../../agent/http/set-view.ts';
import { recordOf } from '../../agent/kube/lease-record.ts';
import { AgentSet, type Member } from './agents.ts';
import { ask, eventually } from './redis-process.ts';

jest.setTimeout(120_000);

let set: AgentSet | null = null;

afterEach(async () => {
  await set?.[Symbol.asyncDispose]();
  set = null;
});

/** W as the Lease says. */
function published(): number {
  return recordOf(set!.lease.lease!).requiredReplicas;
}

/** W as a Redis asks for it. */
async function asked(member: Member): Promise<string> {
  const client = await member.redis.client();
  const value = await ask(client, 'CONFIG', 'GET', 'min-replicas-to-write');
  client.close();
  return value.split(',').at(-1)!;
}

/** What an application that connects anew is told; one that is cut meanwhile is told nothing. */
async function write(member: Member, value: string): Promise<string> {
  const client = await member.redis.client().catch(() => null);
  if (client === null) return 'cut';
  const answer = await ask(client, 'SET', 'k', value);
  client.close();
  return answer;
}

/** A set with a leader, whose writes are guarded as they should be. */
async function aSet(...choice: Parameters<typeof AgentSet.start>): Promise<[AgentSet, Member]> {
  const started = await AgentSet.start(...choice);
  set = started;
  const leader = await eventually(
    () => started.leader,
    (one) => one !== undefined && published() === 1,
  );
  return [started, leader!];
}

function followersOf(leader: Member): readonly Member[] {
  return set!.members.filter((one) => one !== leader);
}

test('a set of three asks for a replica in step as soon as one is, in Redis and in the Lease', async () => {
  const [, leader] = await aSet();
  expect(await asked(leader)).toBe('1');
  expect(await write(leader, 'a')).toBe('OK');
});

test('a leader that loses its replicas lowers W in the Lease before it takes writes again', async () => {
  const [started, leader] = await aSet();
  started.apiDelayMs = 300;
  for (const { pod } of followersOf(leader)) await started.kill(pod);
  const seen: (readonly [string, number])[] = [];
  await eventually(
    async () => {
      const inRedis = await asked(leader);
      seen.push([inRedis, published()]);
      return inRedis;
    },
    (inRedis) => inRedis === '0',
  );
  expect(seen.filter(([inRedis, inLease]) => Number(inRedis) < inLease)).toEqual([]);
  expect(await write(leader, 'b')).toBe('OK');
});

test('a strict leader without replicas refuses writes until one is back', async () => {
  const [, leader] = await aSet({ durability: 'strict', onReplicaLoss: null });
  const followers = followersOf(leader);
  for (const { pod } of followers) await set!.kill(pod);
  await eventually(
    () => write(leader, 'b'),
    (answer) => answer.startsWith('NOREPLICAS'),
  );
  await sleep(timings.fast.replicaLagSeconds * 2000);
  expect(published()).toBe(1);
  expect(await write(leader, 'b')).toMatch(/^NOREPLICAS/);
});

test('without the API server a leader goes on as long as all promise, and not longer', async () => {
  const [started, leader] = await aSet();
  const { term } = leader.agent.record!;
  started.isApiAway = true;
  await sleep(2 * timings.fast.fenceDeadlineMs);
  expect(await write(leader, 'c')).toBe('OK');
  await started.kill(followersOf(leader)[0]!.pod);
  await eventually(
    () => write(leader, 'd'),
    (answer) => answer.startsWith('NOREPLICAS'),
  );
  expect(leader.agent.isLeading).toBe(false);
  started.isApiAway = false;
  const next = await eventually(
    () => started.leader,
    (one) => one !== undefined,
  );
  expect(next!.agent.record!.term).toBeGreaterThanOrEqual(term);
});

test('a pause is written by whoever is asked, and a paused leader hands nothing over', async () => {
  const [started, leader] = await aSet();
  const other = followersOf(leader)[0]!.pod;
  expect(await started.ask(other, '/v1/pause', { paused: true })).toEqual({
    status: 200,
    body: { paused: true },
  });
  await eventually(
    () => leader.agent.record?.paused,
    (paused) => paused === true,
  );
  const refused = await started.ask(leader.pod, '/v1/switchover', {});
  expect(refused).toMatchObject({ status: 409 });
  expect(await started.ask(leader.pod, '/v1/pause', { paused: false })).toMatchObject({
    status: 200,
  });
  expect(await started.ask(leader.pod, '/v1/switchover', {})).toMatchObject({ status: 200 });
  expect(await started.ask(leader.pod, '/v1/pause', { paused: 'no' })).toMatchObject({
    status: 400,
  });
});

test('a pause that cannot be written is refused', async () => {
  const [started, leader] = await aSet();
  started.isApiAway = true;
  const answer = await started.ask(leader.pod, '/v1/pause', { paused: true });
  expect(answer).toMatchObject({ status: 409 });
  expect(JSON.stringify(answer.body)).toContain('the API server does not answer');
});

test('a person names a leader at any pod, and is told when it leads', async () => {
  const [started, leader] = await aSet();
  const [one, other] = followersOf(leader);
  const answer = await started.ask(one!.pod, '/v1/failover', { to: other!.pod });
  expect(answer).toMatchObject({ status: 200, body: { holder: other!.pod } });
  expect(other!.agent.isLeading).toBe(true);
  expect(other!.agent.requests.override).toBeNull();
  expect(await write(other!, 'e')).toMatch(/^(OK|NOREPLICAS)/);
  expect(await write(leader, 'f')).toMatch(/^(READONLY|NOREPLICAS)/);
  // Named again, it leads already.
  const again = await started.ask(one!.pod, '/v1/failover', { to: other!.pod });
  expect(again).toMatchObject({ status: 200, body: { holder: other!.pod } });
  expect(await started.ask(one!.pod, '/v1/failover', { to: 'stranger' })).toMatchObject({
    status: 400,
  });
});

test('an empty pod leads a set whose data are gone only when a person says so', async () => {
  const [started, leader] = await aSet();
  await write(leader, 'g');
  const [empty, other] = followersOf(leader);
  await empty!.redis.crash();
  await started.kill(leader.pod);
  await started.kill(other!.pod);
  await empty!.redis.startAgain();
  await eventually(
    () => empty!.agent.reason,
    (reason) => reason === 'vacant-not-fit',
  );
  const view = parseSetView((await started.ask(empty!.pod, '/v1/set')).body);
  expect(view.notes).toEqual([expect.stringContaining('Nobody has data that may lead')]);
  const answer = await started.ask(empty!.pod, '/v1/failover', { to: empty!.pod });
  expect(answer).toMatchObject({ status: 200, body: { holder: empty!.pod } });
});

test('the view of a set has all its members, what they have, and its changes of leader', async () => {
  const [started, leader] = await aSet();
  await write(leader, 'h');
  const [one, other] = followersOf(leader);
  await started.kill(other!.pod);
  const view = parseSetView((await started.ask(one!.pod, '/v1/set')).body);
  expect(view).toMatchObject({ leader: leader.pod, wantedReplicas: 1, paused: false, notes: [] });
  expect(view.members.map(({ pod }) => pod)).toEqual(['set-node-0', 'set-node-1', 'set-node-2']);
  const byPod = new Map(view.members.map((member) => [member.pod, member]));
  expect(byPod.get(leader.pod)).toMatchObject({ role: 'leader', lagBytes: null, state: 'leading' });
  expect(byPod.get(one!.pod)).toMatchObject({ role: 'follower', state: 'following' });
  expect(byPod.get(other!.pod)).toMatchObject({ role: 'silent', offset: null });
  expect(view.history.at(-1)).toMatchObject({ term: view.term, pod: leader.pod });
});
