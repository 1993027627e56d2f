import { createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { blockLength, decryptCts, encryptBlocks, encryptCts } from './ciphertext-stealing.ts';
import type { EncryptionType } from './encryption-type.ts';
import { nFold } from './n-fold.ts';

const hashLength = 12;

/** aes128-cts-hmac-sha1-96 and aes256-cts-hmac-sha1-96 (RFC 3962), the types that Active Directory uses. */
export function aesSha1(
  parameters: Pick<EncryptionType, 'number' | 'name' | 'keyLength' | 'checksumType'>,
): EncryptionType {
  const { keyLength } = parameters;

  /** DK (RFC 3961, section 5.1): encrypts a constant repeatedly until there are enough octets. */
  function derive(base: Buffer, constant: Buffer): Buffer {
    const blocks = [encryptBlocks(base, nFold(constant, blockLength))];
    while (blocks.length * blockLength < keyLength) blocks.push(encryptBlocks(base, blocks.at(-1) as Buffer));
    return Buffer.concat(blocks).subarray(0, keyLength);
  }

  function deriveFor(base: Buffer, usage: number, purpose: number): Buffer {
    const constant = Buffer.alloc(5, purpose);
    constant.writeUInt32BE(usage);
    return derive(base, constant);
  }

  return {
    ...parameters,
    defaultIterations: 4096,
    deriveKeys: (base, usage) => ({
      encryption: deriveFor(base, usage, 0xaa),
      integrity: deriveFor(base, usage, 0x55),
    }),
    deriveChecksumKey: (base, usage) => deriveFor(base, usage, 0x99),
    seal({ encryption, integrity }, confounder, plain) {
      const text = Buffer.concat([confounder, plain]);
      return Buffer.concat([encryptCts(encryption, text), hash(integrity, text)]);
    },
    open({ encryption, integrity }, cipher) {
      if (cipher.length < blockLength + hashLength) return undefined;
      const text = decryptCts(encryption, cipher.subarray(0, -hashLength));
      const intact = timingSafeEqual(hash(integrity, text), cipher.subarray(-hashLength));
      return intact ? text.subarray(blockLength) : undefined;
    },
    checksum: hash,
    async stringToKey(password, salt, iterations) {
      const seed = await promisify(pbkdf2)(password, salt, iterations, keyLength, 'sha1');
      return derive(seed, Buffer.from('kerberos'));
    },
  };
}

function hash(key: Buffer, data: Uint8Array): Buffer {
  return createHmac('sha1', key).update(data).digest().subarray(0, hashLength);
}
