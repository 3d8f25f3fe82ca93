import { expect, jest, test } from '@jest/globals';
import { benchSize, type Bench, type Look } from './model/bench.ts';
import { ProcessBench } from './model/processes.ts';
import { SimulatedBench } from './model/simulated.ts';

jest.setTimeout(120_000);

type Step = (bench: Bench, note: (what: string) => void) => Promise<void>;

/** A leader with two followers, and some keys. */
async function aSet(bench: Bench): Promise<void> {
  for (const redis of [0, 1, 2]) await bench.start(redis);
  await bench.promote(0);
  await bench.admit(0, 0, 10);
  await bench.write(0);
  await bench.follow(1, 0);
  await bench.follow(2, 0);
  await bench.settle();
  await bench.write(0);
  await bench.settle();
}

/**
 * What two benches have in common: names of histories in the order in which they come up, and how
 * offsets compare, not what they are.
 */
class Comparison {
  readonly #names = new Map<string, string>();
  readonly lines: string[] = [];

  readonly note = (what: string): void => {
    this.lines.push(what);
  };

  async look(bench: Bench): Promise<void> {
    const looks: (Look | null)[] = [];
    for (let redis = 0; redis < benchSize; redis += 1) looks.push(await bench.look(redis));
    looks.forEach((look, redis) => {
      if (look === null) return;
      const { role, replid, replid2, keys, linkUp, good } = look;
      const ids = `${this.#name(replid)} after ${replid2 === null ? 'nothing' : this.#name(replid2)}`;
      this.note(`${redis}: ${role} of ${ids}, ${keys} keys, link ${linkUp}, ${good} good`);
    });
    const [a, b, c] = looks.map((look) => look?.offset ?? null);
    this.note(`offsets ${order(a, b)} ${order(b, c)} ${order(a, c)}`);
  }

  #name(replid: string): string {
    const known = this.#names.get(replid) ?? `history ${this.#names.size + 1}`;
    this.#names.set(replid, known);
    return known;
  }
}

function order(a: number | null | undefined, b: number | null | undefined): string {
  if (a === null || b === null || a === undefined || b === undefined) return '?';
  return a === b ? '=' : a < b ? '<' : '>';
}

async function played(bench: Bench, steps: readonly Step[]): Promise<readonly string[]> {
  const comparison = new Comparison();
  for (const step of steps) {
    await step(bench, comparison.note);
    await comparison.look(bench);
  }
  return comparison.lines;
}

const scripts: Record<string, readonly Step[]> = {
  'a follower takes over, the others go on from where it is, and what only the old one has is lost':
    [
      aSet,
      async (bench) => {
        await bench.follow(1, null);
        await bench.write(0);
        await bench.settle();
      },
      async (bench) => {
        await bench.promote(1);
        await bench.admit(1, 0, 10);
      },
      async (bench) => {
        await bench.follow(2, 1);
        await bench.follow(0, 1);
        await bench.write(1);
        await bench.settle();
      },
    ],
  'who has all bytes of the former leader follows without a full resync': [
    aSet,
    async (bench) => {
      await bench.promote(1);
      await bench.follow(2, 1);
      await bench.follow(0, 1);
      await bench.settle();
    },
  ],
  'a Redis that has crashed comes back with its dump, and the place in its history': [
    aSet,
    async (bench) => {
      await bench.save(2);
      await bench.write(0);
      await bench.settle();
      await bench.kill(2);
      await bench.start(2);
    },
    async (bench) => {
      await bench.follow(2, 0);
      await bench.settle();
    },
  ],
  'a leader that has crashed and lost all comes back as a replica of nowhere that serves nobody': [
    aSet,
    async (bench) => {
      await bench.kill(0);
      await bench.start(0);
      await bench.wait(1500);
    },
    async (bench) => {
      await bench.promote(2);
      await bench.follow(0, 2);
      await bench.follow(1, 2);
      await bench.settle();
    },
  ],
  'a write needs its replicas, and silent ones count until the lag has passed': [
    aSet,
    async (bench, note) => {
      await bench.admit(0, 1, 1);
      await bench.wait(1200);
      note(await bench.write(0));
      await bench.freeze(1);
      await bench.wait(100);
      note(await bench.write(0));
      await bench.freeze(2);
      await bench.wait(3500);
      note(await bench.write(0));
    },
    async (bench, note) => {
      await bench.thaw(1);
      await bench.thaw(2);
      await bench.wait(2500);
      note(await bench.write(0));
      await bench.kill(1);
      await bench.kill(2);
      await bench.wait(200);
      note(await bench.write(0));
    },
  ],
  'a pause holds writes back, and a fence outlives it': [
    aSet,
    async (bench, note) => {
      await bench.pause(0, 800);
      note(await bench.write(0));
      await bench.wait(1200);
      note(await bench.write(0));
      await bench.settle();
    },
    async (bench, note) => {
      await bench.admit(0, 1_000_000, 10);
      note(await bench.write(0));
      note(await bench.write(1));
      await bench.settle();
    },
  ],
};

test.each(Object.entries(scripts))(
  "the simulator's Redis does as the real one: %s",
  async (_name, steps) => {
    await using processes = await ProcessBench.begin();
    const real = await played(processes, steps);
    const simulated = await played(new SimulatedBench(), steps);
    expect(simulated).toEqual(real);
  },
);
