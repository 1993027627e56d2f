import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decrypt, encrypt, stringToKey } from './aes-sha1.ts';
import { nFold } from './n-fold.ts';

/** RFC 3961, appendix A.1 */
test.each([
  ['012345', 8, 'be072631276b1955'],
  ['password', 7, '78a07b6caf85fa'],
  ['Rough Consensus, and Running Code', 8, 'bb6ed30870b7f0e0'],
  ['password', 21, '59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e'],
  ['MASSACHVSETTS INSTITVTE OF TECHNOLOGY', 24, 'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b'],
  ['kerberos', 16, '6b65726265726f737b9b5b2b93132b93'],
])('%j folded to %i octets', (text, length, folded) => {
  expect(nFold(Buffer.from(text), length).toString('hex')).toBe(folded);
});

/** RFC 3962, appendix B */
test.each([
  [
    1,
    'password',
    'ATHENA.MIT.EDUraeburn',
    'fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161',
  ],
  [
    1200,
    'password',
    'ATHENA.MIT.EDUraeburn',
    '55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a',
  ],
  [50, '\u{1D11E}', 'EXAMPLE.COMpianist', '4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e'],
])('%i rounds make the key of a password', async (iterations, password, salt, key) => {
  expect((await stringToKey(password, salt, iterations)).toString('hex')).toBe(key);
});

test('what is encrypted can be read with its key and usage alone', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), bytes(32), bytes(32), (plain, one, other) => {
      const key = Buffer.from(one);
      const cipher = encrypt(key, 3, plain);
      expect(decrypt(key, 3, cipher)).toEqual(Buffer.from(plain));
      expect(decrypt(key, 1, cipher)).toBeUndefined();
      if (!key.equals(Buffer.from(other))) expect(decrypt(Buffer.from(other), 3, cipher)).toBeUndefined();
    }),
  );
});
