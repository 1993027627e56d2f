import { createCipheriv, createDecipheriv } from 'node:crypto';

/**
 * AES in CBC mode with ciphertext stealing (RFC 3962, section 5) and a zero initialization vector. The key length
 * selects AES-128 or AES-256.
 */

export const blockLength = 16;
const zeroVector = Buffer.alloc(blockLength);

/** CBC of whole blocks, without padding. */
export function encryptBlocks(key: Buffer, blocks: Buffer): Buffer {
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, zeroVector).setAutoPadding(false);
  return cipher.update(blocks);
}

/** Swaps the last two blocks and truncates the result to the length of the text. @param text at least one octet */
export function encryptCts(key: Buffer, text: Buffer): Buffer {
  const whole = Math.ceil(text.length / blockLength) * blockLength;
  const padded =
    whole === text.length ? text : Buffer.concat([text, zeroVector.subarray(0, whole - text.length)]);
  const cipher = encryptBlocks(key, padded);
  if (whole === blockLength) return cipher;
  const last = whole - blockLength;
  const before = last - blockLength;
  const swapped = Buffer.concat([
    cipher.subarray(0, before),
    cipher.subarray(last),
    cipher.subarray(before, last),
  ]);
  return swapped.subarray(0, text.length);
}

/** @param cipher at least one whole block */
export function decryptCts(key: Buffer, cipher: Buffer): Buffer {
  const last = Math.ceil(cipher.length / blockLength) * blockLength - blockLength;
  if (last === 0) return decryptBlocks(key, cipher);
  const before = last - blockLength;
  const stolen = decryptBlocks(key, cipher.subarray(before, last));
  const tail = cipher.subarray(last);
  const swapped = Buffer.concat([
    cipher.subarray(0, before),
    tail,
    stolen.subarray(tail.length),
    cipher.subarray(before, last),
  ]);
  return decryptBlocks(key, swapped).subarray(0, cipher.length);
}

function decryptBlocks(key: Buffer, blocks: Buffer): Buffer {
  const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, zeroVector).setAutoPadding(false);
  return decipher.update(blocks);
}
