import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readElement } from './der/read.ts';
import {
  encodeName,
  formatPrincipal,
  type Principal,
  parsePrincipal,
  readName,
  sameName,
  samePrincipal,
} from './principal.ts';

const part = fc
  .string({ unit: 'binary', minLength: 1 })
  .filter((text) => Buffer.from(text).toString() === text);

test('a name is written and read back, whatever characters it contains', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (parts, realm) => {
      const type = parts.length > 1 ? 2 : 1;
      const principal: Principal = {
        realm: Buffer.from(realm),
        name: { type, parts: parts.map((text) => Buffer.from(text)) },
      };
      expect(parsePrincipal(formatPrincipal(principal))).toEqual(principal);
      expect(readName(readElement(encodeName(principal.name), 'the name'), 'the name')).toEqual(
        principal.name,
      );
    }),
  );
});

test.each([
  ['user@REALM', undefined, ['user'], 'REALM'],
  ['user', 'DEFAULT', ['user'], 'DEFAULT'],
  ['MSSQLSvc/db.example.com:1433@REALM', 'DEFAULT', ['MSSQLSvc', 'db.example.com:1433'], 'REALM'],
  ['a\\@b/c\\/d@R', undefined, ['a@b', 'c/d'], 'R'],
  ['jürgen@R', undefined, ['jürgen'], 'R'],
  ['a\\nb\\q\\\\@R\\t\\@', undefined, ['a\nbq\\'], 'R\t@'],
])('%s in %s', (text, realm, parts, found) => {
  const { name, realm: where } = parsePrincipal(text, realm);
  expect(name.parts.map(String)).toEqual(parts);
  expect(where.toString()).toBe(found);
});

test.each([
  '',
  '@REALM',
  'a/@REALM',
  '/a@REALM',
  'user',
  'user@',
  'jane@corp.example.com@REALM',
  'a@b/c',
  'a/b\\',
])('%j is not a whole name', (text) => {
  expect(() => parsePrincipal(text)).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
});

test('names are the same octet by octet; their type is ignored', () => {
  const a = parsePrincipal('user@REALM');
  expect(samePrincipal(a, { ...a, name: { ...a.name, type: 10 } })).toBe(true);
  for (const other of ['User@REALM', 'user@Realm', 'user/x@REALM'])
    expect(samePrincipal(a, parsePrincipal(other))).toBe(false);
  expect(sameName(parsePrincipal('x/y@R').name, parsePrincipal('x@R').name)).toBe(false);
});

test('an overlong text is refused because of its length, and not quoted', () => {
  expect(parsePrincipal(`${'a/'.repeat(32_760)}a@REALM`).name.parts).toHaveLength(32_761);
  expect(() => parsePrincipal(`${'a/'.repeat(3_000_000)}a@REALM`)).toThrow(
    /^A text of 6000007 characters is not the name of a principal: 65536 is the maximum\.$/,
  );
});
