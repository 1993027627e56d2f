/** Offsets of fields in the fixed part of LOGIN7 ([MS-TDS] 2.2.6.4, OffsetLength). */
const field = { ibExtension: 56, cbExtension: 58, ibSspi: 78, cbSspi: 80, cbSspiLong: 90 } as const;

const maxUint16 = 0xffff;

/**
 * Inserts a token of any size into a LOGIN7 message that was made with an empty one.
 *
 * The token goes after all other data except FeatureExt, the only field with a 32-bit offset: with a token of more than
 * 64 kB before them, the other fields would need offsets of more than 16 bits.
 */
export function insertSspiToken(login7: Buffer, token: Buffer): Buffer {
  const at = login7.readUInt16LE(field.ibSspi);
  const message = Buffer.concat([login7.subarray(0, at), token, login7.subarray(at)]);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(Math.min(token.length, maxUint16), field.cbSspi);
  message.writeUInt32LE(token.length > maxUint16 ? token.length : 0, field.cbSspiLong);
  if (login7.readUInt16LE(field.cbExtension) >= 4) {
    const pointer = login7.readUInt16LE(field.ibExtension);
    message.writeUInt32LE(login7.readUInt32LE(pointer) + token.length, pointer);
  }
  return message;
}
