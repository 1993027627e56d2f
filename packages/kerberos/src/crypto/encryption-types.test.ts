import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decryptCts, encryptCts } from './ciphertext-stealing.ts';
import { type EncryptionType, encryptionType, encryptionTypeNumber } from './encryption-type.ts';
import { Key } from './key.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const type = (number: number) => encryptionType(number) as EncryptionType;
const clef = '\u{1D11E}';

/** RFC 3962, appendix B: rounds, password, salt, key of type 17, key of type 18. */
test.each([
  [
    1,
    'password',
    'ATHENA.MIT.EDUraeburn',
    '42263c6e89f4fc28b8df68ee09799f15',
    'fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161',
  ],
  [
    2,
    'password',
    'ATHENA.MIT.EDUraeburn',
    'c651bf29e2300ac27fa469d693bdda13',
    'a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff',
  ],
  [
    1200,
    'password',
    'ATHENA.MIT.EDUraeburn',
    '4c01cd46d632d01e6dbe230a01ed642a',
    '55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a',
  ],
  [
    5,
    'password',
    hex('1234567878563412'),
    'e9b23d52273747dd5c35cb55be619d8e',
    '97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31',
  ],
  [
    1200,
    'X'.repeat(64),
    'pass phrase equals block size',
    '59d1bb789a828b1aa54ef9c2883f69ed',
    '89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34',
  ],
  [
    1200,
    'X'.repeat(65),
    'pass phrase exceeds block size',
    'cb8005dc5f90179a7f02104c0018751d',
    'd78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b',
  ],
  [
    50,
    clef,
    'EXAMPLE.COMpianist',
    'f149c1f2e154a73452d43e7fe62a56e5',
    '4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e',
  ],
] as const)('RFC 3962: %i rounds make the keys of %j', async (rounds, password, salt, aes128, aes256) => {
  for (const [number, key] of [
    [17, aes128],
    [18, aes256],
  ] as const) {
    const made = await Key.ofPassword(number, password, Buffer.from(salt as string), rounds);
    expect(made.octets.toString('hex')).toBe(key);
  }
});

/** RFC 8009, appendix A. */
test.each([
  [19, '089bca48b105ea6ea77ca5d2f39dc5e7'],
  [20, '45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467'],
])('RFC 8009: the key of a password, type %i', async (number, key) => {
  const salt = Buffer.concat([hex('10df9dd783e5bc8acea1730e74355f61'), Buffer.from('ATHENA.MIT.EDUraeburn')]);
  for (const rounds of [32_768, undefined]) {
    expect((await Key.ofPassword(number, 'password', salt, rounds)).octets.toString('hex')).toBe(key);
  }
});

const rfc8009Keys = {
  19: '3705d96080c17728a0e800eab6e0d23c',
  20: '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52',
} as const;

test.each([
  [
    19,
    'b31a018a48f54776f403e9a396325dc3',
    '9b197dd1e8c5609d6e67c3e37c62c72e',
    '9fda0e56ab2d85e1569a688696c26a6c',
  ],
  [
    20,
    'ef5718be86cc84963d8bbb5031e9f5c4ba41f28faf69e73d',
    '56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49',
    '69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f',
  ],
] as const)('RFC 8009: keys derived for usage 2, type %i', (number, checksum, encryption, integrity) => {
  const base = hex(rfc8009Keys[number]);
  expect(type(number).deriveChecksumKey(base, 2).toString('hex')).toBe(checksum);
  const keys = type(number).deriveKeys(base, 2);
  expect(keys.encryption.toString('hex')).toBe(encryption);
  expect(keys.integrity.toString('hex')).toBe(integrity);
});

/** RFC 8009, appendix A, key usage 2: confounder, plaintext, ciphertext. */
test.each([
  [
    19,
    '7e5895eaf2672435bad817f545a37148',
    '',
    'ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718',
  ],
  [
    19,
    '7bca285e2fd4130fb55b1a5c83bc5b24',
    '000102030405',
    '84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c',
  ],
  [
    19,
    '56ab21713ff62c0a1457200f6fa9948f',
    '000102030405060708090a0b0c0d0e0f',
    '3517d640f50ddc8ad3628722b3569d2ae07493fa8263254080ea65c1008e8fc295fb4852e7d83e1e7c48c37eebe6b0d3',
  ],
  [
    19,
    'a7a4e29a4728ce10664fb64e49ad3fac',
    '000102030405060708090a0b0c0d0e0f1011121314',
    '720f73b18d9859cd6ccb4346115cd336c70f58edc0c4437c5573544c31c813bce1e6d072c186b39a413c2f92ca9b8334a287ffcbfc',
  ],
  [
    20,
    'f764e9fa15c276478b2c7d0c4e5f58e4',
    '',
    '41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c',
  ],
  [
    20,
    'b80d3251c1f6471494256ffe712d0b9a',
    '000102030405',
    '4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2',
  ],
  [
    20,
    '53bf8a0d105265d4e276428624ce5e63',
    '000102030405060708090a0b0c0d0e0f',
    'bc47ffec7998eb91e8115cf8d19dac4bbbe2e163e87dd37f49beca92027764f68cf51f14d798c2273f35df574d1f932e40c4ff255b36a266',
  ],
  [
    20,
    '763e65367e864f02f55153c7e3b58af1',
    '000102030405060708090a0b0c0d0e0f1011121314',
    '40013e2df58e8751957d2878bcd2d6fe101ccfd556cb1eae79db3c3ee86429f2b2a602ac86fef6ecb647d6295fae077a1feb517508d2c16b4192e01f62',
  ],
] as const)('RFC 8009: sealed with type %i and confounder %s', (number, confounder, plain, sealed) => {
  const keys = type(number).deriveKeys(hex(rfc8009Keys[number]), 2);
  expect(type(number).seal(keys, hex(confounder), hex(plain)).toString('hex')).toBe(sealed);
  expect(type(number).open(keys, hex(sealed))?.toString('hex')).toBe(plain);
});

test.each([
  [19, 'd78367186643d67b411cba9139fc1dee'],
  [20, '45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a'],
] as const)('RFC 8009: a checksum of type %i', (number, checksum) => {
  const data = hex('000102030405060708090a0b0c0d0e0f1011121314');
  expect(new Key(number, hex(rfc8009Keys[number])).checksum(2, data).toString('hex')).toBe(checksum);
});

/** RFC 3962, appendix B: ciphertext stealing. */
test.each([
  [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
  [31, 'fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5'],
  [32, '39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584'],
  [47, '97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5'],
  [48, '97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8'],
  [
    64,
    '97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8',
  ],
])('RFC 3962: %i octets with ciphertext stealing', (length, cipher) => {
  const key = Buffer.from('chicken teriyaki');
  const text = Buffer.from("I would like the General Gau's Chicken, please, and wonton soup.").subarray(
    0,
    length,
  );
  expect(encryptCts(key, text).toString('hex')).toBe(cipher);
  expect(decryptCts(key, hex(cipher)).equals(text)).toBe(true);
});

test.each([17, 18, 19, 20])('type %i: only the right key and usage decrypt', (number) => {
  const length = type(number).keyLength;
  const octets = fc.uint8Array({ minLength: length, maxLength: length }).map(Buffer.from);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), octets, octets, fc.nat(), (plain, one, other, at) => {
      fc.pre(!one.equals(other));
      const key = new Key(number, one);
      const sealed = key.encrypt(3, plain);
      expect(key.decrypt(3, sealed)).toEqual(Buffer.from(plain));
      expect(key.decrypt(1, sealed)).toBeUndefined();
      expect(new Key(number, other).decrypt(3, sealed)).toBeUndefined();
      const changed = Buffer.from(sealed);
      changed[at % changed.length] = (changed[at % changed.length] as number) ^ (1 + (at % 255));
      expect(key.decrypt(3, changed)).toBeUndefined();
      expect(key.decrypt(3, sealed.subarray(0, at % sealed.length))).toBeUndefined();
    }),
  );
});

test('an unknown type and a key of the wrong length are refused by name', () => {
  expect(() => new Key(23, Buffer.alloc(16))).toThrow(
    expect.objectContaining({
      code: 'ENCRYPTION_TYPE_UNSUPPORTED',
      message: expect.stringContaining('arcfour-hmac'),
    }),
  );
  expect(() => new Key(18, Buffer.alloc(16))).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
});

test.each([0, -1, 1_000_001, 2 ** 32 - 1])('%i rounds of PBKDF2 are refused', async (rounds) => {
  await expect(Key.ofPassword(18, 'password', Buffer.from('salt'), rounds)).rejects.toMatchObject({
    code: 'MESSAGE_MALFORMED',
    message: expect.stringContaining('rounds of PBKDF2'),
  });
});

test('krb5.conf may use short names of the types', () => {
  const names = ['aes256-cts', 'AES128-SHA1', 'aes128-cts-hmac-sha256-128', 'aes256-sha2', 'rc4-hmac'];
  expect(names.map(encryptionTypeNumber)).toEqual([18, 17, 19, 20, undefined]);
});
