import type { Key } from '../crypto/key.ts';
import { keyUsage } from '../crypto/key-usage.ts';
import { Fields, insideApplication } from '../der/read.ts';
import { readMicroseconds, readSequenceNumber, readTime } from '../der/values.ts';
import { KerberosError } from '../errors/kerberos-error.ts';
import type { Moment } from './ap-request.ts';
import { decrypt, readEncryptedData } from './encrypted-data.ts';
import { readKey } from './encryption-key.ts';
import { expectHeader, innerTag, messageType } from './message-type.ts';

/** What the other side's proof contains in addition. */
export interface ApReply {
  readonly subkey: Key | undefined;
  readonly sequenceNumber: number | undefined;
}

/**
 * Decrypts an AP-REP (RFC 4120, section 5.5.2) and checks that it answers the request made at this moment. Success
 * proves that the other side decrypted the ticket, which requires the service's key.
 *
 * @throws KerberosError ACCEPTOR_NOT_AUTHENTIC, or MESSAGE_MALFORMED
 */
export function verifyApReply(message: Buffer, key: Key, moment: Moment): ApReply {
  const outer = new Fields(insideApplication(message, messageType.apReply, 'the AP-REP'), 'the AP-REP');
  expectHeader(outer, messageType.apReply);
  const opened = decrypt(key, keyUsage.apReply, outer.required(2, readEncryptedData));
  if (!opened) {
    throw new KerberosError(
      'ACCEPTOR_NOT_AUTHENTIC',
      "The server's proof is not encrypted with the ticket's key.",
    );
  }
  const what = 'the encrypted part of the AP-REP';
  const part = new Fields(insideApplication(opened, innerTag.apReplyPart, what), what);
  const time = part.required(0, readTime);
  const microseconds = part.required(1, readMicroseconds);
  if (time.getTime() !== moment.time.getTime() || microseconds !== moment.microseconds) {
    throw new KerberosError('ACCEPTOR_NOT_AUTHENTIC', "The server's proof is for a different request.");
  }
  return { subkey: part.optional(2, readKey), sequenceNumber: part.optional(3, readSequenceNumber) };
}
