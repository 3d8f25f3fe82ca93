import { expect, test } from '@jest/globals';
import { renderConfig } from '../../../agent/redis/config-file.ts';

const input = {
  userFile: '/etc/regent/config/redis.conf',
  port: 6379,
  announceHost: 'my-redis-node-0.headless',
  dataDir: '/data',
  password: null,
  tls: null,
};

const tls = { folder: '/etc/regent/tls', authClients: 'yes', dhParams: null } as const;

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

test('with TLS nothing is served in the clear, and replicas speak it as well', () => {
  const text = renderConfig({ ...input, userText: '', tls: { ...tls, dhParams: '/t/dh.pem' } });
  const lines = text.split('\n');
  for (const line of [
    'port 0',
    'tls-port 6379',
    'tls-replication yes',
    'tls-cert-file "/etc/regent/tls/tls.crt"',
    'tls-key-file "/etc/regent/tls/tls.key"',
    'tls-ca-cert-file "/etc/regent/tls/ca.crt"',
    'tls-auth-clients yes',
    'tls-dh-params-file "/t/dh.pem"',
  ]) {
    expect(lines).toContain(line);
  }
  expect(text).not.toMatch(/^port 6379/m);
  expect(render('')).not.toContain('tls');
});

test.each([
  ['port 6380', 'only 6379 works here'],
  ['tls-port 6380', 'only 6379 works here'],
  ['tls-replication no', 'only yes works here'],
  ['tls-cert-file /mine', 'come from the Secret'],
  ['tls-auth-clients no', 'tls.authClients'],
  ['tls-key-file-pass secret', 'without a password'],
])("with TLS '%s' is refused", (line, reason) => {
  expect(() => renderConfig({ ...input, userText: line, tls })).toThrow(reason);
});

test.each(['port 6379', 'port 0', 'tls-port 6379', 'tls-protocols TLSv1.3', 'tls-ciphers X'])(
  "with TLS '%s' is no contradiction",
  (line) => {
    expect(() => renderConfig({ ...input, userText: line, tls })).not.toThrow();
  },
);

test.each(['tls-port 6379', 'tls-cert-file /mine', 'tls-replication yes', 'port 0'])(
  "without TLS '%s' is refused, since nobody else would speak it",
  (line) => {
    expect(() => render(line)).toThrow('redis.conf line 1');
  },
);
