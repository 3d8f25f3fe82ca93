import { readFileSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { admit, follow, promote } from '../../agent/redis/commands.ts';
import { acceptPassword } from '../../agent/redis/password-commands.ts';
import { passwordHash } from '../../agent/redis/password.ts';
import { Member } from './password-member.ts';
import { ask, eventually } from './redis-process.ts';

jest.setTimeout(120_000);

const [old, renewed] = ['öld "password"', "it's #new"] as const;

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aMember(): Promise<Member> {
  const member = await Member.start(old);
  cleanUps.push(() => member.end());
  return member;
}

type Set3 = [Member, Member, Member];

async function aSet(): Promise<Set3> {
  const set: Set3 = [await aMember(), await aMember(), await aMember()];
  for (const member of set) member.others.push(...set.filter((other) => other !== member));
  const [primary, ...replicas] = set;
  await promote(primary.link);
  await admit(primary.link, { replicas: 1, maxLagSeconds: 10 });
  for (const replica of replicas) await replicates(replica, primary);
  return set;
}

async function replicates(replica: Member, primary: Member): Promise<void> {
  await follow(replica.link, { host: '127.0.0.1', port: primary.redis.port });
  await eventually(
    () => replica.replication(),
    (link) => link === 'up',
  );
}

async function turnAll(set: Set3, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    for (const member of set) await member.rotation.turn();
  }
}

function passSomeTime(set: Set3): void {
  for (const member of set) member.nowMs += 2000;
}

async function letIn(set: Set3, password: string): Promise<readonly boolean[]> {
  return Promise.all(set.map((member) => member.lets(password)));
}

const all = [true, true, true];
const none = [false, false, false];

test('a set takes another password, loses no link and no write, and refuses the old one', async () => {
  const set = await aSet();
  const [primary, ...replicas] = set;
  const client = await primary.redis.client(old);
  const stats = await ask(client, 'INFO', 'stats');
  let written = 0;
  const ending = new AbortController();
  const writer = (async () => {
    for (; !ending.signal.aborted; written += 1) {
      expect(await ask(client, 'SET', 'key', written)).toBe('OK');
    }
  })();

  await turnAll(set, 2);
  expect(await letIn(set, renewed)).toEqual(none);
  for (const member of set) {
    member.mount(renewed);
    await turnAll(set, 3);
  }
  expect(await letIn(set, renewed)).toEqual(all);
  expect(await letIn(set, old)).toEqual(all);
  passSomeTime(set);
  await turnAll(set, 3);
  expect(await letIn(set, renewed)).toEqual(all);
  expect(await letIn(set, old)).toEqual(none);

  ending.abort();
  await writer;
  expect(written).toBeGreaterThan(0);
  for (const replica of replicas) {
    await eventually(
      () => replica.link.run([['GET', 'key']]),
      (seen) => JSON.stringify(seen).includes(`"${written - 1}"`),
    );
  }
  const count = (text: string): string => /^sync_full:.*$/m.exec(text)![0];
  expect(count(await ask(client, 'INFO', 'stats'))).toBe(count(stats));
  expect(set.map(({ losses }) => losses)).toEqual([0, 0, 0]);
  // Only now do they log in anew, with what each of them has been told.
  await primary.restartRedis();
  await promote(primary.link);
  for (const replica of replicas) await replicates(replica, primary);
});

test('as long as one member is late, every member accepts both and replicas use the old one', async () => {
  const set = await aSet();
  const [primary, replica, late] = set;
  primary.mount(renewed);
  replica.mount(renewed);
  await turnAll(set, 3);
  passSomeTime(set);
  await turnAll(set, 3);
  expect(await letIn([primary, replica, late], renewed)).toEqual([true, true, false]);
  expect(await letIn(set, old)).toEqual(all);
  // The late one leads now, and still only knows the old password.
  await promote(late.link);
  for (const other of [primary, replica]) await replicates(other, late);
});

test('with a member that says nothing the old password stays good', async () => {
  const set = await aSet();
  for (const member of set) member.mount(renewed);
  set[2].rotation.generation = null;
  for (const member of [set[0], set[1]]) {
    for (let turn = 0; turn < 4; turn += 1) await member.rotation.turn();
    member.nowMs += 2000;
    await member.rotation.turn();
  }
  expect((await letIn(set, old)).slice(0, 2)).toEqual([true, true]);
  expect(readFileSync(set[0].configFile, 'latin1')).toContain('user default on');
});

test.each([0, 1, 2, 3, 4, 5, 6])(
  'after %i turns a restart of any Redis and of any agent leaves nobody locked out',
  async (turns) => {
    const set = await aSet();
    const [primary, replica, other] = set;
    for (const member of set) member.mount(renewed);
    for (let turn = 0; turn < turns; turn += 1) {
      if (turn === 4) passSomeTime(set);
      await set[turn % 3]!.rotation.turn();
      await set[(turn + 1) % 3]!.rotation.turn();
    }
    await replica.restartRedis();
    await replicates(replica, primary);
    for (const member of set) await member.restartAgent();
    await promote(other.link);
    await primary.restartRedis();
    for (const follower of [primary, replica]) await replicates(follower, other);

    await turnAll(set, 4);
    passSomeTime(set);
    await turnAll(set, 4);
    expect(await letIn(set, renewed)).toEqual(all);
    expect(await letIn(set, old)).toEqual(none);
    for (const member of set) {
      const text = readFileSync(member.configFile, 'latin1');
      expect(text.match(/^(requirepass|masterauth) .*$/gm)).toEqual([
        `requirepass "${renewed}"`,
        `masterauth "${renewed}"`,
      ]);
      expect(text).not.toContain('user default');
    }
  },
);

test('a password that is taken back before every member had it ends where it began', async () => {
  const set = await aSet();
  set[0].mount(renewed);
  await turnAll(set, 3);
  expect(await letIn(set, renewed)).toEqual([true, false, false]);
  set[0].mount(old);
  await turnAll(set, 2);
  passSomeTime(set);
  await turnAll(set, 2);
  expect(await letIn(set, renewed)).toEqual(none);
  expect(await letIn(set, old)).toEqual(all);
});

test('what somebody has added by hand is left alone, also by a rotation', async () => {
  const set = await aSet();
  const [{ link }] = set;
  await acceptPassword(link, passwordHash(Buffer.from('by hand')));
  await turnAll(set, 2);
  for (const member of set) member.mount(renewed);
  await turnAll(set, 4);
  passSomeTime(set);
  await turnAll(set, 2);
  expect(await letIn(set, 'by hand')).toEqual([true, false, false]);
  expect(await letIn(set, old)).toEqual(none);
});

test('a Redis that needs no password is not given one', async () => {
  const set = await aSet();
  const [{ link, redis }] = set;
  await link.run([['CONFIG', 'SET', 'requirepass', '']]);
  for (const member of set) member.mount(renewed);
  await turnAll(set, 4);
  expect(await ask(await redis.client(), 'PING')).toBe('PONG');
});
