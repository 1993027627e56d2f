import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLogin7 } from '../../../local/testing/tds-server/login7.ts';
import { insertSspiToken } from './insert-sspi-token.ts';

/** LOGIN7 with an empty token, followed by a FeatureExt of one terminator. */
function emptyLogin7(names: Buffer): Buffer {
  const fixed = Buffer.alloc(94);
  fixed.writeUInt16LE(94, 56);
  fixed.writeUInt16LE(4, 58);
  fixed.writeUInt16LE(98 + names.length, 78);
  const pointer = Buffer.alloc(4);
  pointer.writeUInt32LE(98 + names.length);
  return Buffer.concat([fixed, pointer, names, Buffer.from([0xff])]);
}

test('a token of any size can be read back, as can everything around it', () => {
  const sizes = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(65_534, 65_535, 65_536, 200_000));
  fc.assert(
    fc.property(sizes, fc.uint8Array({ maxLength: 100 }), (size, names) => {
      const token = Buffer.alloc(size, 7);
      const message = insertSspiToken(emptyLogin7(Buffer.from(names)), token);
      expect(message.readUInt32LE(0)).toBe(message.length);
      const login = parseLogin7(message, 1);
      expect(login.sspi.equals(token)).toBe(true);
      expect(login.featureExtension).toEqual(Buffer.from([0xff]));
      expect(message.subarray(98, 98 + names.length)).toEqual(Buffer.from(names));
    }),
  );
});

test('without a feature extension, nothing is mistaken for its pointer', () => {
  const login7 = Buffer.alloc(100);
  login7.writeUInt16LE(94, 56);
  login7.writeUInt16LE(100, 78);
  const message = insertSspiToken(login7, Buffer.from('token'));
  expect(message.subarray(94, 100)).toEqual(Buffer.alloc(6));
});
