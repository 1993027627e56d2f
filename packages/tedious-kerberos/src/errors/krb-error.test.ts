import fc from 'fast-check';
import { expect, test } from 'vitest';
import { krbErrorToken } from '../../../../local/testing/tds-server/krb-error.ts';
import { krbErrorIn } from './krb-error.ts';

test.each([31, 35, 37, 41, 44, 45, 60, 68])('the error code %i is read, bare and within SPNEGO', (code) => {
  for (const wrapped of [true, false]) {
    expect(krbErrorIn(krbErrorToken(code, wrapped))).toEqual({ code, name: expect.stringMatching(/.{10}/) });
  }
});

test('no other token is one', () => {
  const proof = Buffer.from('a1143012a0030a0101a10b06092a864886f712010202', 'hex');
  expect(krbErrorIn(proof)).toBeUndefined();
  expect(krbErrorIn(Buffer.alloc(0))).toBeUndefined();
});

test('whatever a server sends, the answer is a code or nothing', () => {
  const good = krbErrorToken(41);
  const cut = fc.nat(good.length - 1).map((end) => good.subarray(0, end));
  const changed = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
    const copy = Buffer.from(good);
    copy[at] = value;
    return copy;
  });
  const bytes = fc.uint8Array({ maxLength: 200 }).map((content) => Buffer.from(content));
  fc.assert(
    fc.property(fc.oneof(cut, changed, bytes), (token) => {
      const said = krbErrorIn(token);
      expect(said === undefined || Number.isInteger(said.code)).toBe(true);
    }),
  );
});
