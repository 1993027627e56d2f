import { Key } from '../crypto/key.ts';
import type { Read } from '../der/read.ts';
import { readInt32, readOctets, structure } from '../der/values.ts';
import * as der from '../der/write.ts';

/** EncryptionKey (RFC 4120, section 5.2.9). @throws KerberosError ENCRYPTION_TYPE_UNSUPPORTED */
export const readKey: Read<Key> = structure(
  (fields) => new Key(fields.required(0, readInt32), fields.required(1, readOctets)),
);

export function encodeKey({ type, octets }: Key): Buffer {
  return der.fields({ 0: der.integer(type.number), 1: der.octetString(octets) });
}
