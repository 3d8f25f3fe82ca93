import { expect, test } from '@jest/globals';
import { help, helpOf } from '../../../agent/cli/help.ts';

const commands = help.matchAll(/(?<=regent )[a-z]+(?= |,|\n|\.)/g);
const asked = [...new Set([...commands].map(([name]) => name))].filter((name) => name !== 'probe');

test('the commands that help names are those that there are', () => {
  expect(asked.toSorted()).toEqual([
    ...['explain', 'failover', 'history', 'init', 'pause'],
    ...['resume', 'run', 'status', 'switchover'],
  ]);
});

test.each(asked)(
  'regent %s --help says of each option what it means and what is allowed',
  (name) => {
    const [first, empty, ...options] = helpOf(name)!.split('\n');
    expect(first).toMatch(new RegExp(`^regent ${name}: \\w+`));
    expect(empty).toBe('');
    expect(options.length).toBeGreaterThan(0);
    for (const option of options) expect(option).toMatch(/^ {2}--[a-z-]+ +\S.* \(.+; .+\)$/);
  },
);

test('an option says whether it is needed, and what it is otherwise', () => {
  const options = helpOf('failover')!;
  expect(options).toContain('--to                     the pod that shall lead (');
  expect(options).toMatch(/--to .*; needed\)/);
  expect(options).toMatch(/--agent-port .*; 8377 unless given\)/);
  expect(options).toMatch(/--accept-data-loss .*; may be left out\)/);
});

test('nothing else has help of its own', () => {
  expect(helpOf('nonsense')).toBeNull();
  expect(helpOf('constructor')).toBeNull();
});
