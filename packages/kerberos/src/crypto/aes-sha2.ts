import { createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { blockLength, decryptCts, encryptCts } from './ciphertext-stealing.ts';
import type { EncryptionType } from './encryption-type.ts';

interface Parameters extends Pick<EncryptionType, 'number' | 'name' | 'keyLength' | 'checksumType'> {
  readonly hash: 'sha256' | 'sha384';
  /** Octets of a checksum and of the keys used for it. */
  readonly hashLength: number;
}

/** aes128-cts-hmac-sha256-128 and aes256-cts-hmac-sha384-192 (RFC 8009). */
export function aesSha2({ hash, hashLength, ...parameters }: Parameters): EncryptionType {
  const { keyLength, name } = parameters;
  const vector = Buffer.alloc(blockLength);

  /** KDF-HMAC-SHA2 (section 3): one round yields enough octets for every key. */
  function derive(key: Buffer, label: Uint8Array, length: number): Buffer {
    const counter = Buffer.from([0, 0, 0, 1]);
    const bits = Buffer.alloc(5); // a zero octet, then the length in bits
    bits.writeUInt32BE(length * 8, 1);
    return createHmac(hash, key).update(counter).update(label).update(bits).digest().subarray(0, length);
  }

  function deriveFor(base: Buffer, usage: number, purpose: number, length: number): Buffer {
    const label = Buffer.alloc(5, purpose);
    label.writeUInt32BE(usage);
    return derive(base, label, length);
  }

  const mac = (key: Buffer, ...data: Uint8Array[]) => {
    const hmac = createHmac(hash, key);
    for (const part of data) hmac.update(part);
    return hmac.digest().subarray(0, hashLength);
  };

  return {
    ...parameters,
    defaultIterations: 32_768,
    deriveKeys: (base, usage) => ({
      encryption: deriveFor(base, usage, 0xaa, keyLength),
      integrity: deriveFor(base, usage, 0x55, hashLength),
    }),
    deriveChecksumKey: (base, usage) => deriveFor(base, usage, 0x99, hashLength),
    // Unlike in RFC 3962, the hash covers the ciphertext.
    seal({ encryption, integrity }, confounder, plain) {
      const cipher = encryptCts(encryption, Buffer.concat([confounder, plain]));
      return Buffer.concat([cipher, mac(integrity, vector, cipher)]);
    },
    open({ encryption, integrity }, sealed) {
      if (sealed.length < blockLength + hashLength) return undefined;
      const cipher = sealed.subarray(0, -hashLength);
      const intact = timingSafeEqual(mac(integrity, vector, cipher), sealed.subarray(-hashLength));
      return intact ? decryptCts(encryption, cipher).subarray(blockLength) : undefined;
    },
    checksum: mac,
    async stringToKey(password, salt, iterations) {
      const fullSalt = Buffer.concat([Buffer.from(`${name}\0`), salt]);
      const seed = await promisify(pbkdf2)(password, fullSalt, iterations, keyLength, hash);
      return derive(seed, Buffer.from('kerberos'), keyLength);
    },
  };
}
