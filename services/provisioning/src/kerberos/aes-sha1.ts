import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import { nFold } from './n-fold.ts';

/** Encryption type aes256-cts-hmac-sha1-96 (RFC 3962), which every domain since Windows Server 2008 has. */
export const AES256_SHA1 = 18;

const blockLength = 16;
const keyLength = 32;
const hashLength = 12;
/** Key usage numbers (RFC 4120, section 7.5.1). */
export const keyUsage = { encryptedTimestamp: 1, asReply: 3 } as const;

/** The key of a password (RFC 3962, section 4). @param iterations default 4096, unless the KDC says otherwise */
export async function stringToKey(password: string, salt: string, iterations = 4096): Promise<Buffer> {
  return derive(
    await promisify(pbkdf2)(password, salt, iterations, keyLength, 'sha1'),
    Buffer.from('kerberos'),
  );
}

export function encrypt(key: Buffer, usage: number, plain: Uint8Array): Buffer {
  const text = Buffer.concat([randomBytes(blockLength), plain]);
  return Buffer.concat([encryptCts(usageKey(key, usage, 0xaa), text), hash(key, usage, text)]);
}

/** @returns `undefined` when it was encrypted with another key */
export function decrypt(key: Buffer, usage: number, cipher: Buffer): Buffer | undefined {
  if (cipher.length < blockLength + hashLength) return undefined;
  const text = decryptCts(usageKey(key, usage, 0xaa), cipher.subarray(0, -hashLength));
  const intact = timingSafeEqual(hash(key, usage, text), cipher.subarray(-hashLength));
  return intact ? text.subarray(blockLength) : undefined;
}

function hash(key: Buffer, usage: number, text: Buffer): Buffer {
  return createHmac('sha1', usageKey(key, usage, 0x55))
    .update(text)
    .digest()
    .subarray(0, hashLength);
}

function usageKey(key: Buffer, usage: number, purpose: number): Buffer {
  const constant = Buffer.alloc(5, purpose);
  constant.writeUInt32BE(usage);
  return derive(key, constant);
}

/** DK (RFC 3961, section 5.1). */
function derive(key: Buffer, constant: Buffer): Buffer {
  const first = encryptBlocks(key, nFold(constant, blockLength));
  return Buffer.concat([first, encryptBlocks(key, first)]);
}

/** CBC from a zero vector, without padding. */
function encryptBlocks(key: Buffer, blocks: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, Buffer.alloc(blockLength)).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Ciphertext stealing (RFC 3962, section 5): the last two blocks change places, the last is cut to the text's length. */
export function encryptCts(key: Buffer, text: Buffer): Buffer {
  const whole = Math.ceil(text.length / blockLength) * blockLength;
  const cipher = encryptBlocks(key, Buffer.concat([text, Buffer.alloc(whole - text.length)]));
  if (whole === blockLength) return cipher;
  const last = whole - blockLength;
  const before = last - blockLength;
  return Buffer.concat([
    cipher.subarray(0, before),
    cipher.subarray(last),
    cipher.subarray(before, before + text.length - last),
  ]);
}

export function decryptCts(key: Buffer, cipher: Buffer): Buffer {
  const decryptBlock = (block: Buffer) =>
    createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block);
  const last = Math.ceil(cipher.length / blockLength) * blockLength - blockLength;
  if (last === 0) return decryptBlock(cipher);
  const before = last - blockLength;
  const stolen = decryptBlock(cipher.subarray(before, last));
  const tail = cipher.subarray(last);
  const swapped = Buffer.concat([
    cipher.subarray(0, before),
    tail,
    stolen.subarray(tail.length),
    cipher.subarray(before, last),
  ]);
  const decipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(blockLength)).setAutoPadding(false);
  return Buffer.concat([decipher.update(swapped), decipher.final()]).subarray(0, cipher.length);
}
