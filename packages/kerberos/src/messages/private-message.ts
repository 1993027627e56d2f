import { isIPv4, isIPv6 } from 'node:net';
import type { Key } from '../crypto/key.ts';
import { keyUsage } from '../crypto/key-usage.ts';
import { Fields, insideApplication } from '../der/read.ts';
import { readOctets } from '../der/values.ts';
import * as der from '../der/write.ts';
import { KerberosError } from '../errors/kerberos-error.ts';
import { newMoment } from './ap-request.ts';
import { decrypt, encryptedData, readEncryptedData } from './encrypted-data.ts';
import { expectHeader, innerTag, messageType, protocolVersion } from './message-type.ts';

export interface PrivateMessageOptions {
  readonly key: Key;
  readonly clockOffset: number;
  readonly sequenceNumber: number;
  /** Our address as the other side sees it, as far as known. */
  readonly localAddress: string;
}

/** KRB-PRIV (RFC 4120, section 5.7.1): data that only the other side can read. */
export function privateMessage(data: Buffer, options: PrivateMessageOptions): Buffer {
  const { time, microseconds } = newMoment(options.clockOffset);
  const part = der.fields({
    0: der.octetString(data),
    1: der.kerberosTime(time),
    2: der.integer(microseconds),
    3: der.integer(options.sequenceNumber),
    4: hostAddress(options.localAddress),
  });
  const sealed = encryptedData(
    options.key,
    keyUsage.privateMessage,
    der.application(innerTag.privatePart, part),
  );
  const message = der.fields({
    0: der.integer(protocolVersion),
    1: der.integer(messageType.private),
    3: sealed,
  });
  return der.application(messageType.private, message);
}

/**
 * Decrypts the data of a KRB-PRIV with one of the keys.
 *
 * @throws KerberosError KDC_NOT_AUTHENTIC if none of the keys fits, MESSAGE_MALFORMED
 */
export function openPrivateMessage(message: Buffer, keys: readonly Key[]): Buffer {
  const outer = new Fields(insideApplication(message, messageType.private, 'the KRB-PRIV'), 'the KRB-PRIV');
  expectHeader(outer, messageType.private);
  const sealed = outer.required(3, readEncryptedData);
  for (const key of keys) {
    const opened = decrypt(key, keyUsage.privateMessage, sealed);
    if (!opened) continue;
    const what = 'the encrypted part of the KRB-PRIV';
    return new Fields(insideApplication(opened, innerTag.privatePart, what), what).required(0, readOctets);
  }
  throw new KerberosError('KDC_NOT_AUTHENTIC', 'The answer is not encrypted with a key of this exchange.');
}

/** HostAddress (RFC 4120, section 7.5.3). */
function hostAddress(address: string): Buffer {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const [type, octets] = isIPv4(plain)
    ? [2, Buffer.from(plain.split('.').map(Number))]
    : [24, isIPv6(plain) ? ipv6(plain) : Buffer.alloc(16)];
  return der.fields({ 0: der.integer(type), 1: der.octetString(octets) });
}

function ipv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined) =>
    text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  const octets = Buffer.alloc(16);
  all.forEach((group, at) => void octets.writeUInt16BE(group & 0xffff, at * 2));
  return octets;
}
