import { expect, test } from 'vitest';
import { secretsOf, withoutSecrets } from './without-secrets.ts';

const password = 'Pass word*1 "$x\\ä€';
const utf16 = Buffer.from(password, 'utf16le');

test.each([
  ['as it is', password],
  ['in JSON', JSON.stringify({ password })],
  ['in an address', `https://x/?p=${encodeURIComponent(password)}`],
  ['in base64', Buffer.from(password).toString('base64')],
  ['in hexadecimal', Buffer.from(password).toString('hex')],
  ['in base64 of UTF-16', utf16.toString('base64')],
  ['in hexadecimal of UTF-16', utf16.toString('hex')],
])('a secret in a message is struck out: %s', (_, said) => {
  const injected = JSON.stringify({ username: 'db-user', password, nextPassword: 'another One 2' });
  const secrets = secretsOf(injected);
  const { detail } = withoutSecrets({ detail: `They say: ${said} and another One 2.` }, secrets);
  expect(detail).toContain('(struck out)');
  expect(detail).not.toContain(said);
  expect(detail).not.toContain('another One 2');
  expect(withoutSecrets({ detail: 'db-user is unknown.' }, secrets).detail).toBe('db-user is unknown.');
});

test('a text that is not JSON is a secret as a whole; without a text there is none', () => {
  expect(withoutSecrets({ detail: 'He said: open sesame.' }, secretsOf('open sesame')).detail).toBe(
    'He said: (struck out).',
  );
  expect(withoutSecrets({ detail: 'As it is.' }, secretsOf(undefined)).detail).toBe('As it is.');
});
