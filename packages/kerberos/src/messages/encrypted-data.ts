import { encryptionType } from '../crypto/encryption-type.ts';
import type { Key } from '../crypto/key.ts';
import type { Read } from '../der/read.ts';
import { readInt32, readOctets, structure } from '../der/values.ts';
import * as der from '../der/write.ts';
import { KerberosError } from '../errors/kerberos-error.ts';

/** EncryptedData (RFC 4120, section 5.2.9). Omits the key version, because we hold one key at a time. */
export interface EncryptedData {
  readonly type: number;
  readonly cipher: Buffer;
}

export const readEncryptedData: Read<EncryptedData> = structure((fields) => ({
  type: fields.required(0, readInt32),
  cipher: fields.required(2, readOctets),
}));

export function encryptedData(key: Key, usage: number, plain: Uint8Array): Buffer {
  return der.fields({ 0: der.integer(key.type.number), 2: der.octetString(key.encrypt(usage, plain)) });
}

/**
 * Decrypts an EncryptedData.
 *
 * @returns undefined if it was encrypted with another key, or changed
 * @throws KerberosError ENCRYPTION_TYPE_UNSUPPORTED if its type is not supported
 */
export function decrypt(key: Key, usage: number, { type, cipher }: EncryptedData): Buffer | undefined {
  if (type === key.type.number) return key.decrypt(usage, cipher);
  if (encryptionType(type)) return undefined;
  throw new KerberosError(
    'ENCRYPTION_TYPE_UNSUPPORTED',
    `The answer is encrypted with the unsupported encryption type ${type}.`,
  );
}
