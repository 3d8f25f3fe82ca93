import { expect, test } from '@jest/globals';
import { renderConfig } from '../../../agent/redis/config-file.ts';

const input = {
  userFile: '/etc/regent/config/redis.conf',
  port: 6379,
  announceHost: 'my-redis-node-0.headless',
  dataDir: '/data',
  password: null,
};

function render(userText: string, password: string | null = null): string {
  return renderConfig({
    ...input,
    userText,
    password: password === null ? null : Buffer.from(password),
  });
}

test("the user's text comes first and unchanged, ours last, where Redis lets it win", () => {
  const text = render('# mine\nmaxmemory 1gb\n\n');
  expect(text.startsWith('# mine\nmaxmemory 1gb\n')).toBe(true);
  expect(text.indexOf('replicaof 127.0.0.1 1')).toBeGreaterThan(text.indexOf('maxmemory'));
});

test('what the chart itself writes is taken', () => {
  expect(() =>
    render('port 6379\ndir /data\nappendonly yes\nrename-command FLUSHALL ""'),
  ).not.toThrow();
});

test.each([
  ['replicaof 10.0.0.1 6379', 'the agent decides'],
  ['SLAVEOF 10.0.0.1 6379', 'the agent decides'],
  ['min-replicas-to-write 1', 'fences'],
  ['cluster-enabled yes', 'only no works here'],
  ['port 6380', 'only 6379 works here: set containerPorts.redis'],
  ['dir /tmp', 'only /data works here'],
  ['bind 127.0.0.1 -::1', 'networkPolicy'],
  ['daemonize yes', 'only no works here'],
  ['replica-read-only no', 'only yes works here'],
  ['repl-diskless-load swapdb', 'only disabled works here'],
  ['repl-backlog-ttl 3600', 'only 0 works here'],
  ['requirepass secret', 'set auth.enabled'],
  ['rename-command CONFIG ""', 'needs this command'],
  ['rename-command "config" hidden', 'needs this command'],
  ['replica-announce-ip 1.2.3.4', 'announces'],
  ['user default off', 'default user'],
  ['logfile "unbalanced', 'quotes'],
])("'%s' is refused with its line and what to do", (line, reason) => {
  const attempt = (): string => render(`# first line\n\n  ${line}\nsave ""\n`);
  expect(attempt).toThrow('/etc/regent/config/redis.conf line 3');
  expect(attempt).toThrow(reason);
});

test('a refusal shows no password', () => {
  for (const line of ['requirepass hunter2', 'masterauth hunter2', 'user default on >hunter2']) {
    expect(() => render(line, 'other')).toThrow(/^(?!.*hunter2)/s);
  }
});

test.each([
  'cluster-enabled no',
  'bind * -::*',
  'bind 0.0.0.0',
  'user app on >x ~* +@all',
  '# replicaof x',
])("'%s' is no contradiction", (line) => {
  expect(() => render(line)).not.toThrow();
});
