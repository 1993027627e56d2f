import { aesSha1 } from './aes-sha1.ts';
import { aesSha2 } from './aes-sha2.ts';

/** The derived keys for one kind of message. */
export interface UsageKeys {
  readonly encryption: Buffer;
  readonly integrity: Buffer;
}

/** The operations of an encryption type (RFC 3961, section 3), on keys that are already derived. */
export interface EncryptionType {
  readonly number: number;
  readonly name: string;
  /** Octets. */
  readonly keyLength: number;
  readonly checksumType: number;
  /** Rounds of PBKDF2 if the KDC specifies none. */
  readonly defaultIterations: number;
  deriveKeys(base: Buffer, usage: number): UsageKeys;
  deriveChecksumKey(base: Buffer, usage: number): Buffer;
  seal(keys: UsageKeys, confounder: Buffer, plain: Uint8Array): Buffer;
  /** @returns undefined if it was encrypted with another key, or changed */
  open(keys: UsageKeys, cipher: Buffer): Buffer | undefined;
  checksum(key: Buffer, data: Uint8Array): Buffer;
  stringToKey(password: string, salt: Buffer, iterations: number): Promise<Buffer>;
}

const known: readonly EncryptionType[] = [
  aesSha1({ number: 17, name: 'aes128-cts-hmac-sha1-96', keyLength: 16, checksumType: 15 }),
  aesSha1({ number: 18, name: 'aes256-cts-hmac-sha1-96', keyLength: 32, checksumType: 16 }),
  aesSha2({
    number: 19,
    name: 'aes128-cts-hmac-sha256-128',
    keyLength: 16,
    checksumType: 19,
    hash: 'sha256',
    hashLength: 16,
  }),
  aesSha2({
    number: 20,
    name: 'aes256-cts-hmac-sha384-192',
    keyLength: 32,
    checksumType: 20,
    hash: 'sha384',
    hashLength: 24,
  }),
];

/** Offered to the KDC, best first, in the order of MIT Kerberos. */
export const defaultEncryptionTypes: readonly number[] = [18, 17, 20, 19];

export function encryptionType(number: number): EncryptionType | undefined {
  return known.find((candidate) => candidate.number === number);
}

/** The number of a type by its krb5.conf name or alias; undefined for an unsupported type. */
export function encryptionTypeNumber(name: string): number | undefined {
  const wanted = aliases[name.toLowerCase()] ?? name.toLowerCase();
  return known.find((candidate) => candidate.name === wanted)?.number;
}

const aliases: Readonly<Record<string, string>> = {
  'aes128-cts': 'aes128-cts-hmac-sha1-96',
  'aes128-sha1': 'aes128-cts-hmac-sha1-96',
  'aes256-cts': 'aes256-cts-hmac-sha1-96',
  'aes256-sha1': 'aes256-cts-hmac-sha1-96',
  'aes128-sha2': 'aes128-cts-hmac-sha256-128',
  'aes256-sha2': 'aes256-cts-hmac-sha384-192',
};
