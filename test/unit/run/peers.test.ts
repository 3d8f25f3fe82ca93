import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { after, longAgo, monotonic, type MonotonicMs } from '../../../agent/core/units.ts';
import type { PeerResult } from '../../../agent/http/peer.ts';
import type { PeerState } from '../../../agent/http/peer-state.ts';
import { AddressBook } from '../../../agent/run/address-book.ts';
import { inquiryTimeoutMs, Peers } from '../../../agent/run/peers.ts';
import { aPosition } from '../../support/turn.ts';

type Answer = PeerResult<{ state: PeerState }>;

const names = ['node-0', 'node-1', 'node-2'];
const refused: Answer = { kind: 'unreachable', cause: 'ECONNREFUSED' };

function stateOf(pod: string, term = 3): Answer {
  const ordinal = names.indexOf(pod);
  const state: PeerState = {
    ...{ pod, uid: `uid-${ordinal}`, address: `10.0.0.${ordinal}`, ordinal, priority: 100, term },
    ...{ leading: false, position: aPosition(), withdrawn: false, bound: false, stopping: false },
    ...{ holder: null, reason: 'following', passwordGeneration: null },
  };
  return { kind: 'answered', state };
}

/** Two peers that answer when the test says so, on a clock that the test moves. */
class Bench {
  nowMs: MonotonicMs = monotonic(1000);
  readonly looked: string[] = [];
  /** Questions that are out, in the order in which they left. */
  readonly questions: { readonly address: string; readonly answer: (said: Answer) => void }[] = [];
  /** Where the pod of a name is by now, when that is another one. */
  readonly present = new Map<string, string>();
  isApiAway = false;
  readonly peers = new Peers({
    nameOf: (ordinal) => names[ordinal] ?? '',
    ownOrdinal: 0,
    members: () => names.length,
    addresses: new AddressBook({
      byName: (pod) => {
        this.looked.push(pod);
        return Promise.resolve(`of ${pod}`);
      },
      byObject: (pod) => {
        this.looked.push(`${pod} by object`);
        if (this.isApiAway) return Promise.resolve(null);
        return Promise.resolve(`of ${this.present.get(pod) ?? pod}`);
      },
      clock: () => this.nowMs,
    }),
    client: {
      state: (address) =>
        new Promise((answer) => {
          this.questions.push({ address, answer });
        }),
    },
    clock: () => this.nowMs,
    onChange: () => undefined,
  });

  /** All have answered one inquiry. */
  async hears(): Promise<void> {
    await this.asks();
    await this.answers('node-1', stateOf('node-1'));
    await this.answers('node-2', stateOf('node-2'));
  }

  /** The pod of a name was made anew, and asks. */
  async isAskedByNew(pod: string): Promise<void> {
    this.present.set(pod, `new ${pod}`);
    this.peers.askedBy({ pod, uid: 'uid-new' });
    await this.settled();
  }

  /** Answers the first question to a pod that is out. */
  async answers(pod: string, said: Answer): Promise<void> {
    const index = this.questions.findIndex(({ address }) => address === `of ${pod}`);
    this.questions.splice(index, 1)[0]?.answer(said);
    await this.settled();
  }

  async asks(): Promise<MonotonicMs> {
    this.peers.ask();
    await this.settled();
    return this.nowMs;
  }

  async passes(ms: number): Promise<void> {
    this.nowMs = after(this.nowMs, ms);
    await jest.advanceTimersByTimeAsync(ms);
  }

  heard(pod: string) {
    return this.peers.sights.find((sight) => sight.pod === pod);
  }

  settled(): Promise<void> {
    return jest.advanceTimersByTimeAsync(0);
  }
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

test('an inquiry ends when all have answered', async () => {
  const bench = new Bench();
  const askedAtMs = await bench.asks();
  await bench.passes(2);
  await bench.answers('node-1', stateOf('node-1'));
  expect(bench.peers.inquiry?.done).toBe(false);
  await bench.answers('node-2', refused);
  expect(bench.peers.inquiry).toEqual({ askedAtMs, members: 3, done: true });
  expect(bench.heard('node-1')).toMatchObject({ askedAtMs, heardAtMs: askedAtMs + 2 });
  expect(bench.heard('node-2')).toBeUndefined();
});

test('an answer that is late is heard, and said to be as old as its question', async () => {
  const bench = new Bench();
  const askedAtMs = await bench.asks();
  await bench.passes(inquiryTimeoutMs);
  expect(bench.peers.inquiry?.done).toBe(true);
  await bench.passes(500);
  await bench.asks();
  await bench.answers('node-1', stateOf('node-1'));
  const heardAtMs = after(askedAtMs, inquiryTimeoutMs + 500);
  expect(bench.heard('node-1')).toMatchObject({ askedAtMs, heardAtMs });
});

test('what a question brings that was overtaken is not believed', async () => {
  const bench = new Bench();
  await bench.asks();
  await bench.passes(inquiryTimeoutMs);
  const askedAtMs = await bench.asks();
  const [, late] = [bench.questions.shift(), bench.questions.shift()];
  await bench.answers('node-2', stateOf('node-2', 4));
  late?.answer(stateOf('node-2', 3));
  await bench.settled();
  expect(bench.heard('node-2')).toMatchObject({ askedAtMs, term: 4 });
});

test('who is late is asked again where it was, and looked up beside that', async () => {
  const bench = new Bench();
  await bench.asks();
  await bench.passes(inquiryTimeoutMs);
  expect(bench.looked).toEqual(['node-1', 'node-2', 'node-1 by object', 'node-2 by object']);
  await bench.asks();
  expect(bench.questions).toHaveLength(4);
  expect(bench.looked).toHaveLength(4);
});

test('who was silent the last time is asked, and not waited for', async () => {
  const bench = new Bench();
  await bench.asks();
  await bench.answers('node-1', stateOf('node-1'));
  await bench.passes(inquiryTimeoutMs);
  await bench.asks();
  await bench.answers('node-1', stateOf('node-1'));
  expect(bench.peers.inquiry?.done).toBe(true);
  await bench.answers('node-2', stateOf('node-2'));
  await bench.answers('node-2', stateOf('node-2'));
  await bench.asks();
  await bench.answers('node-1', stateOf('node-1'));
  expect(bench.peers.inquiry?.done).toBe(false);
});

test('an old question that fails says nothing of who has answered a later one', async () => {
  const bench = new Bench();
  await bench.asks();
  const [old] = bench.questions.splice(0, 2);
  await bench.passes(inquiryTimeoutMs);
  await bench.asks();
  await bench.answers('node-1', stateOf('node-1'));
  await bench.answers('node-2', refused);
  old?.answer(refused);
  await bench.settled();
  await bench.asks();
  await bench.answers('node-1', stateOf('node-1'));
  expect(bench.peers.inquiry?.done).toBe(true);
});

test('a stranger at a known address is not heard', async () => {
  const bench = new Bench();
  await bench.asks();
  await bench.answers('node-1', stateOf('node-2'));
  expect(bench.peers.sights).toEqual([]);
  await bench.asks();
  expect(bench.looked).toEqual(['node-1', 'node-2', 'node-1 by object']);
});

test('a pod asks whose name another is known by: it is looked up and asked, and the other one counts no more', async () => {
  const bench = new Bench();
  await bench.hears();
  const askedAtMs = bench.peers.inquiry?.askedAtMs ?? Infinity;
  await bench.passes(1);
  await bench.isAskedByNew('node-1');
  expect(bench.looked).toEqual(['node-1', 'node-2', 'node-1 by object']);
  expect(bench.heard('node-1')?.askedAtMs).toBeLessThan(askedAtMs);
  expect(bench.heard('node-2')?.askedAtMs).toBe(askedAtMs);
  await bench.answers('new node-1', stateOf('node-1', 4));
  expect(bench.heard('node-1')).toMatchObject({ term: 4, askedAtMs: askedAtMs + 1 });
});

test('what the former pod of a name still answers is not heard once the present one is found', async () => {
  const bench = new Bench();
  await bench.hears();
  await bench.passes(1);
  await bench.asks();
  await bench.isAskedByNew('node-1');
  await bench.answers('new node-1', stateOf('node-1', 4));
  await bench.answers('node-1', stateOf('node-1', 5));
  expect(bench.heard('node-1')).toMatchObject({ term: 4 });
});

test('a question of the pod that is known is no reason to look it up', async () => {
  const bench = new Bench();
  await bench.hears();
  bench.peers.askedBy({ pod: 'node-1', uid: 'uid-1' });
  bench.peers.askedBy({ pod: 'somebody', uid: 'uid-1' });
  await bench.settled();
  expect(bench.looked).toEqual(['node-1', 'node-2']);
});

test('who asks in a name that is not his changes nothing, however often he asks', async () => {
  const bench = new Bench();
  await bench.hears();
  for (let times = 0; times < 100; times += 1) {
    bench.peers.askedBy({ pod: 'node-1', uid: `uid-${times + 10}` });
    await bench.passes(20);
  }
  expect(bench.looked.filter((look) => look === 'node-1 by object')).toHaveLength(2);
  expect(bench.heard('node-1')?.askedAtMs).toBe(bench.peers.inquiry?.askedAtMs);
});

test('all are looked up by their objects and asked where the API server says that they are', async () => {
  const bench = new Bench();
  await bench.hears();
  expect(bench.heard('node-2')?.foundAtMs).toBe(longAgo);
  await bench.passes(500);
  bench.present.set('node-1', 'new node-1');
  const foundAtMs = bench.nowMs;
  void bench.peers.find();
  expect(bench.peers.inquiry?.done).toBe(false);
  await bench.settled();
  await bench.answers('new node-1', stateOf('node-1', 4));
  await bench.answers('node-2', stateOf('node-2'));
  expect(bench.peers.inquiry?.done).toBe(true);
  expect(bench.heard('node-1')).toMatchObject({ term: 4, foundAtMs });
  expect(bench.heard('node-2')).toMatchObject({ foundAtMs });
});

test('without the API server all are asked where they were, and nobody is said to be found', async () => {
  const bench = new Bench();
  await bench.hears();
  bench.isApiAway = true;
  void bench.peers.find();
  await bench.settled();
  await bench.answers('node-1', stateOf('node-1'));
  await bench.answers('node-2', stateOf('node-2'));
  expect(bench.peers.inquiry?.done).toBe(true);
  expect(bench.peers.sights.map(({ foundAtMs }) => foundAtMs)).toEqual([longAgo, longAgo]);
});

test('since when a pod is known goes by its UID', async () => {
  const bench = new Bench();
  await bench.hears();
  const metAtMs = bench.nowMs;
  await bench.passes(500);
  await bench.hears();
  expect(bench.heard('node-1')).toMatchObject({ metAtMs });
  await bench.asks();
  const said = stateOf('node-1');
  if (said.kind !== 'answered') throw new Error(said.kind);
  await bench.answers('node-1', { ...said, state: { ...said.state, uid: 'another' } });
  expect(bench.heard('node-1')).toMatchObject({ metAtMs: metAtMs + 500 });
});
