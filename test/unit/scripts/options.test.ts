import { expect, test } from '@jest/globals';
import { Options } from '../../../scripts/options.ts';

const names = { values: ['times', 'kill', 'json'], flags: ['keep'] };
const read = (...argv: string[]): Options => new Options(argv, names);

test('values, flags and operands are told apart', () => {
  const options = read('--times=3', 'unit', '--json', 'out.json', '--keep', 'e2e');
  expect(options.count('times', { from: 1, to: 9, fallback: 1 })).toBe(3);
  expect(options.text('json')).toBe('out.json');
  expect(options.text('kill')).toBeNull();
  expect(options.flag('keep')).toBe(true);
  expect(options.operands).toEqual(['unit', 'e2e']);
});

test('a number stays the text that was given', () => {
  expect(read('--json', '007').text('json')).toBe('007');
});

test.each([
  [['--time', '3'], "there is no option '--time'; allowed are --times, --kill, --json, --keep"],
  [['-x'], "there is no option '-x'; allowed are --times, --kill, --json, --keep"],
  [['--json', 'a', '--json', 'b'], '--json is given 2 times'],
  [['--json'], '--json needs a value'],
  [['--json='], '--json needs a value'],
])('%j is refused with a sentence', (argv, sentence) => {
  expect(() => read(...argv)).toThrow(sentence);
});

test.each(['0', '10', '1.5', '-1', 'many', '1e1'])('--times %s is refused', (value) => {
  const options = read(`--times=${value}`);
  expect(() => options.count('times', { from: 1, to: 9, fallback: 1 })).toThrow(
    `--times is '${value}'; allowed is a whole number from 1 to 9`,
  );
});

test('a word that is not among the allowed ones is refused, and the first one is the default', () => {
  expect(read().choice('kill', ['redis', 'pod'])).toBe('redis');
  expect(() => read('--kill=all').choice('kill', ['redis', 'pod'])).toThrow(
    "--kill is 'all'; allowed are redis, pod",
  );
});
