import { createHash } from 'node:crypto';

const TYPES_AND_LENGTHS_OF_BOTH_ADDRESSES = 16;

/**
 * The hash that binds a login to its TLS channel (RFC 4121, section 4.1.1.2): MD5 over both addresses, which are of
 * type 0 and empty, then the length of the data in little-endian order, then the data.
 *
 * @param data prefix and value of a channel binding (RFC 5929): `tls-unique:` and the octets of the Finished message
 * @returns 16 octets; zeros without data, which means "not bound"
 */
export function channelBindingHash(data: Buffer | undefined): Buffer {
  if (!data) return Buffer.alloc(16);
  const head = Buffer.alloc(TYPES_AND_LENGTHS_OF_BOTH_ADDRESSES + 4);
  head.writeUInt32LE(data.length, TYPES_AND_LENGTHS_OF_BOTH_ADDRESSES);
  return createHash('md5').update(head).update(data).digest();
}
