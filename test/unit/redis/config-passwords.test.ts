import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  onePassword,
  passwordLines,
  readPasswords,
  withPasswords,
} from '../../../agent/redis/config-passwords.ts';
import { passwordHash } from '../../../agent/redis/password.ts';

const [old, renewed] = [Buffer.from('old'), Buffer.from('it\'s "new"')];
const both = {
  login: old,
  upstream: renewed,
  accepted: [passwordHash(old), passwordHash(renewed)],
};
const text = ['# mine', 'maxmemory 1gb', 'port 6379', ...passwordLines(onePassword(old)), ''].join(
  '\n',
);

test('one password needs no line for the default user', () => {
  expect(text).not.toContain('user default');
  expect(readPasswords(text)).toEqual(onePassword(old));
});

test('what is written is read again, and the rest of the file stays', () => {
  const changed = withPasswords(text, both);
  expect(readPasswords(changed)).toEqual(both);
  expect(changed.startsWith('# mine\nmaxmemory 1gb\nport 6379\n')).toBe(true);
  expect(withPasswords(changed, onePassword(old))).toBe(text);
});

test('any bytes come back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
      const password = Buffer.from(bytes);
      const read = readPasswords(passwordLines(onePassword(password)).join('\n'));
      expect(read?.login.equals(password)).toBe(true);
      expect(read?.upstream.equals(password)).toBe(true);
    }),
  );
});

test.each(['', 'port 6379\n', 'requirepass "a"\n', `aclfile /etc/users.acl\n${text}`])(
  '%j leaves the passwords to others',
  (other) => {
    expect(readPasswords(other)).toBeNull();
  },
);
