import fc from 'fast-check';
import { expect, test } from 'vitest';
import { krbErrorForms, krbErrorToken } from '../../../../local/testing/tds-server/krb-error.ts';
import { explainKrbError, krbErrorIn } from './krb-error.ts';

test.each([14, 31, 33, 35, 37, 41, 44, 45, 60, 68])(
  'error code %i is read from every kind of wrapping',
  (code) => {
    for (const form of krbErrorForms) {
      const read = krbErrorIn(krbErrorToken(code, form));
      expect(read, form).toEqual({ code, name: expect.stringMatching(/.{10}/) });
    }
  },
);

test.each([
  [14, 'ENCRYPTION_TYPE_UNSUPPORTED'],
  [32, 'TICKET_EXPIRED'],
  [33, 'CLOCK_SKEW'],
  [37, 'CLOCK_SKEW'],
  [41, 'TICKET_REFUSED'],
  [68, 'TICKET_REFUSED'],
])('%i is %s, and its number is said once', (number, code) => {
  const said = krbErrorIn(krbErrorToken(number)) as { code: number; name: string };
  const error = explainKrbError(said, { host: 'db', port: 1433, step: 'login' });
  expect(error.code).toBe(code);
  expect(error.message.split(`error ${number}`)).toHaveLength(2);
});

test('no other token counts as a KRB-ERROR', () => {
  const proof = Buffer.from('a1143012a0030a0101a10b06092a864886f712010202', 'hex');
  expect(krbErrorIn(proof)).toBeUndefined();
  expect(krbErrorIn(Buffer.alloc(0))).toBeUndefined();
});

test('any bytes from a server give a code or undefined', () => {
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
