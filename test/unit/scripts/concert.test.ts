import { expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Concert, type MakeFault } from '../../../scripts/scenarios/concert.ts';

/** Writes down what is done to the cluster. */
class Cluster {
  readonly done: string[] = [];

  makeFault: MakeFault = (words, undo) => {
    this.done.push(words.join(' '));
    return Promise.resolve(() => {
      this.done.push(undo.join(' '));
      return Promise.resolve();
    });
  };
}

const words = [
  ['cut', 'cp'],
  ['heal', 'cp'],
] as const;

test('a fault begins once all are ready, once, and ends once all are done with it', async () => {
  const { makeFault, done } = new Cluster();
  const concert = new Concert(['a', 'b'], makeFault);
  const first = concert.faultFor('a')(...words);
  await turn();
  expect(done).toEqual([]);
  const second = concert.faultFor('b')(...words);
  const [endFirst, endSecond] = await Promise.all([first, second]);
  expect(done).toEqual(['cut cp']);
  const ending = endFirst();
  await turn();
  expect(done).toEqual(['cut cp']);
  await Promise.all([ending, endSecond()]);
  expect(done).toEqual(['cut cp', 'heal cp']);
});

test('one that fails before, or in the middle, holds nobody up', async () => {
  const { makeFault, done } = new Cluster();
  const concert = new Concert(['a', 'b', 'c'], makeFault);
  const [first, second] = ['a', 'b'].map((player) => concert.faultFor(player)(...words));
  concert.leave('c');
  const end = await first;
  await second;
  concert.leave('b');
  await end?.();
  expect(done).toEqual(['cut cp', 'heal cp']);
});
