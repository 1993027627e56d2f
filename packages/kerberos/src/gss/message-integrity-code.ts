import { timingSafeEqual } from 'node:crypto';
import type { Key } from '../crypto/key.ts';
import { keyUsage } from '../crypto/key-usage.ts';

/** MIC tokens (RFC 4121, section 4.2.6.1): a header of 16 octets, then the checksum over message and header. */

const headerLength = 16;
const SENT_BY_ACCEPTOR = 0x01;
const ACCEPTOR_SUBKEY = 0x04;

/** The key that an established context signs with. */
export interface SigningKey {
  readonly key: Key;
  /** Whether the acceptor chose this key (a subkey). */
  readonly fromAcceptor: boolean;
}

export function makeMic({ key, fromAcceptor }: SigningKey, sequenceNumber: number, message: Buffer): Buffer {
  const head = header(fromAcceptor ? ACCEPTOR_SUBKEY : 0, sequenceNumber);
  return Buffer.concat([head, key.checksum(keyUsage.initiatorSign, Buffer.concat([message, head]))]);
}

/** Whether the acceptor made this MIC of this message, with this sequence number. */
export function acceptorMadeMic(
  mic: Buffer,
  { key, fromAcceptor }: SigningKey,
  sequenceNumber: number,
  message: Buffer,
): boolean {
  const head = header(SENT_BY_ACCEPTOR | (fromAcceptor ? ACCEPTOR_SUBKEY : 0), sequenceNumber);
  if (mic.length < headerLength || !timingSafeEqual(mic.subarray(0, headerLength), head)) return false;
  return key.verifies(keyUsage.acceptorSign, Buffer.concat([message, head]), mic.subarray(headerLength));
}

function header(flags: number, sequenceNumber: number): Buffer {
  const head = Buffer.alloc(headerLength, 0xff);
  head.writeUInt16BE(0x0404, 0);
  head.writeUInt8(flags, 2);
  head.writeBigUInt64BE(BigInt(sequenceNumber), 8);
  return head;
}
