import { expect, test } from '@jest/globals';
import { after, longAgo, monotonic } from '../../../agent/core/units.ts';
import {
  AddressBook,
  addressAgeMaxMs,
  type AddressBookOptions,
  type FindAddress,
} from '../../../agent/run/address-book.ts';

let nowMs = monotonic(0);

function aBook(options: Pick<AddressBookOptions, 'byName' | 'byObject'>): AddressBook {
  return new AddressBook({ ...options, clock: () => nowMs });
}

/** Answers from a list, one after the other, and counts the questions. */
function answering(
  ...answers: readonly (string | null | Error)[]
): FindAddress & { asked: number } {
  const find: FindAddress & { asked: number } = Object.assign(
    (): Promise<string | null> => {
      const answer = answers[find.asked] ?? null;
      find.asked += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    { asked: 0 },
  );
  return find;
}

test('an address is looked up in the DNS once and kept', async () => {
  const [byName, byObject] = [answering('10.0.0.1'), answering()];
  const book = aBook({ byName, byObject });
  expect(await book.find('n-1', 100)).toBe('10.0.0.1');
  expect(await book.find('n-1', 100)).toBe('10.0.0.1');
  expect([byName.asked, byObject.asked]).toEqual([1, 0]);
});

test('a pod that the DNS does not know yet is found by its object', async () => {
  const byName = answering(new Error('ENOTFOUND'));
  const book = aBook({ byName, byObject: answering('10.0.0.2') });
  expect(await book.find('n-1', 100)).toBe('10.0.0.2');
});

test('an address where nobody answered is not taken from the DNS a second time', async () => {
  const [byName, byObject] = [answering('10.0.0.1', '10.0.0.1'), answering('10.0.0.2')];
  const book = aBook({ byName, byObject });
  await book.find('n-1', 100);
  book.forget('n-1', '10.0.0.1');
  expect(await book.find('n-1', 100)).toBe('10.0.0.2');
});

test('who was asked where it was before does not make its new address be forgotten', async () => {
  const [byName, byObject] = [answering('10.0.0.1'), answering('10.0.0.2')];
  const book = aBook({ byName, byObject });
  await book.find('n-1', 100);
  void book.doubt('n-1');
  expect(await book.find('n-1', 100)).toBe('10.0.0.1');
  await new Promise(setImmediate);
  expect(await book.find('n-1', 100)).toBe('10.0.0.2');
  book.forget('n-1', '10.0.0.1');
  expect(await book.find('n-1', 100)).toBe('10.0.0.2');
  expect([byName.asked, byObject.asked]).toEqual([1, 1]);
});

test('who doubts an address is told whether the pod is elsewhere', async () => {
  const [byName, byObject] = [answering('10.0.0.1'), answering('10.0.0.1', '10.0.0.2')];
  const book = aBook({ byName, byObject });
  expect(await book.doubt('n-1')).toBe(false);
  await book.find('n-1', 100);
  expect(await book.doubt('n-1')).toBe(false);
  expect(await book.doubt('n-1')).toBe(true);
  expect(book.isElsewhere('n-1', '10.0.0.1')).toBe(true);
  expect(book.isElsewhere('n-1', '10.0.0.2')).toBe(false);
});

test('when an address was found is when the API server was asked for it', async () => {
  const [byName, byObject] = [answering('10.0.0.1', '10.0.0.1'), answering('10.0.0.1')];
  const book = aBook({ byName, byObject });
  await book.find('n-1', 100);
  expect(book.foundAtMs('n-1')).toBe(longAgo);
  nowMs = after(nowMs, 5);
  await book.doubt('n-1');
  expect(book.foundAtMs('n-1')).toBe(nowMs);
  nowMs = after(nowMs, addressAgeMaxMs);
  await book.find('n-1', 100);
  await new Promise(setImmediate);
  expect(book.foundAtMs('n-1')).toBe(longAgo);
});

test('without the API server the DNS is good enough', async () => {
  const [byName, byObject] = [answering('10.0.0.1', '10.0.0.2'), answering(new Error('refused'))];
  const book = aBook({ byName, byObject });
  await book.find('n-1', 100);
  book.forget('n-1', '10.0.0.1');
  expect(await book.find('n-1', 100)).toBe('10.0.0.2');
});

test('who answers for a pod that has its name by now is found out by the DNS, and delays nobody', async () => {
  const [byName, byObject] = [answering('10.0.0.1', '10.0.0.2'), answering()];
  const book = aBook({ byName, byObject });
  await book.find('n-1', 100);
  nowMs = after(nowMs, addressAgeMaxMs);
  expect(await book.find('n-1', 100)).toBe('10.0.0.1');
  await Promise.resolve();
  expect(await book.find('n-1', 100)).toBe('10.0.0.2');
  expect([byName.asked, byObject.asked]).toEqual([2, 0]);
});

test('an address that is old stays where nothing newer is found, and is looked for once', async () => {
  const [byName, byObject] = [answering('10.0.0.1', new Error('SERVFAIL')), answering()];
  const book = aBook({ byName, byObject });
  await book.find('n-1', 100);
  nowMs = after(nowMs, addressAgeMaxMs);
  await book.find('n-1', 100);
  await new Promise(setImmediate);
  expect(await book.find('n-1', 100)).toBe('10.0.0.1');
  expect([byName.asked, byObject.asked]).toEqual([2, 1]);
});

test('nobody waits longer than they said for a slow lookup, and it is not begun twice', async () => {
  let asked = 0;
  const slow: FindAddress = () => {
    asked += 1;
    return new Promise(() => undefined);
  };
  const book = aBook({ byName: slow, byObject: answering() });
  expect(await book.find('n-1', 5)).toBeNull();
  expect(await book.find('n-1', 5)).toBeNull();
  expect(asked).toBe(1);
});
