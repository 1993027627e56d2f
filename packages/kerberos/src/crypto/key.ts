import { randomBytes, timingSafeEqual } from 'node:crypto';
import { KerberosError, malformed } from '../errors/kerberos-error.ts';
import { blockLength } from './ciphertext-stealing.ts';
import { type EncryptionType, encryptionType, type UsageKeys } from './encryption-type.ts';

/**
 * PBKDF2's time grows with the number of rounds, and a KDC that is not yet authenticated chooses it. This takes about
 * half a second.
 */
const maximalIterations = 1_000_000;

/** A key with its encryption type. Caches derived keys, because deriving costs more than encrypting. */
export class Key {
  readonly type: EncryptionType;
  readonly octets: Buffer;
  readonly #usageKeys = new Map<number, UsageKeys>();
  readonly #checksumKeys = new Map<number, Buffer>();

  /** @throws KerberosError ENCRYPTION_TYPE_UNSUPPORTED, or MESSAGE_MALFORMED for a key of the wrong length */
  constructor(type: number, octets: Buffer) {
    this.type = supported(type);
    if (octets.length !== this.type.keyLength)
      throw malformed(`A key of type ${this.type.name} has ${octets.length} octets`);
    this.octets = octets;
  }

  static random(type: number): Key {
    return new Key(type, randomBytes(supported(type).keyLength));
  }

  /** Derives a key from a password. @param iterations rounds of PBKDF2; default: those of the type */
  static async ofPassword(type: number, password: string, salt: Buffer, iterations?: number): Promise<Key> {
    const known = supported(type);
    const rounds = iterations ?? known.defaultIterations;
    if (rounds < 1 || rounds > maximalIterations) {
      throw malformed(
        `The KDC asks for ${rounds} rounds of PBKDF2; between 1 and ${maximalIterations} are done here`,
      );
    }
    return new Key(type, await known.stringToKey(password, salt, rounds));
  }

  encrypt(usage: number, plain: Uint8Array): Buffer {
    return this.type.seal(this.#keysFor(usage), randomBytes(blockLength), plain);
  }

  /** @returns undefined if it was encrypted with another key or for another usage, or changed */
  decrypt(usage: number, cipher: Buffer): Buffer | undefined {
    return this.type.open(this.#keysFor(usage), cipher);
  }

  checksum(usage: number, data: Uint8Array): Buffer {
    const key = this.#checksumKeys.get(usage) ?? this.type.deriveChecksumKey(this.octets, usage);
    this.#checksumKeys.set(usage, key);
    return this.type.checksum(key, data);
  }

  verifies(usage: number, data: Uint8Array, checksum: Buffer): boolean {
    const right = this.checksum(usage, data);
    return right.length === checksum.length && timingSafeEqual(right, checksum);
  }

  #keysFor(usage: number): UsageKeys {
    const keys = this.#usageKeys.get(usage) ?? this.type.deriveKeys(this.octets, usage);
    this.#usageKeys.set(usage, keys);
    return keys;
  }
}

function supported(number: number): EncryptionType {
  const type = encryptionType(number);
  if (!type) {
    throw new KerberosError(
      'ENCRYPTION_TYPE_UNSUPPORTED',
      `The encryption type ${describe(number)} is not supported.`,
    );
  }
  return type;
}

/** Names of known but unsupported types. */
const others: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  23: 'arcfour-hmac',
  24: 'arcfour-hmac-exp',
  25: 'camellia128-cts-cmac',
  26: 'camellia256-cts-cmac',
};

function describe(number: number): string {
  return others[number] ? `${number} (${others[number]})` : String(number);
}
