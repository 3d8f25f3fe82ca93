import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitArguments } from '../../../agent/redis/config-line.ts';

test.each([
  ['maxmemory 1gb', ['maxmemory', '1gb']],
  ['  save   900\t1 ', ['save', '900', '1']],
  ['save ""', ['save', '']],
  ['a \'it\\\'s\' "x\\"y"', ['a', "it's", 'x"y']],
  ['a "\\x41\\n\\q"', ['a', 'A\nq']],
  ["a '\\x41'", ['a', '\\x41']],
])('%j splits into words', (line, words) => {
  expect(splitArguments(line)).toEqual(words);
});

test.each(['a "b', "a 'b", 'a "b"c', "a 'b\\'", 'a "b\\"'])('%j has unbalanced quotes', (line) => {
  expect(splitArguments(line)).toBeNull();
});

test('any words, quoted, are split into the same words', () => {
  const quote = (word: string): string =>
    `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(splitArguments(words.map(quote).join(' '))).toEqual(words);
    }),
  );
});
