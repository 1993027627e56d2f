import type { Credential } from '../credential.ts';
import { applicationNumber, Fields, insideApplication, type Read } from '../der/read.ts';
import {
  listOf,
  readEncoded,
  readFlags,
  readInt32,
  readOctets,
  readString,
  readTime,
  readUInt32,
  structure,
} from '../der/values.ts';
import { KerberosError, malformed } from '../errors/kerberos-error.ts';
import { type Principal, readName, samePrincipal } from '../principal.ts';
import { type EncryptedData, readEncryptedData } from './encrypted-data.ts';
import { readKey } from './encryption-key.ts';
import type { PreAuthenticationData } from './kdc-request.ts';
import { expectHeader, innerTag, type messageType } from './message-type.ts';

/** The unencrypted part of an AS-REP or TGS-REP (RFC 4120, section 5.4.2). */
export interface KdcReply {
  readonly data: readonly PreAuthenticationData[];
  readonly client: Principal;
  readonly ticket: Buffer;
  readonly sealed: EncryptedData;
}

export const readPreAuthenticationData: Read<PreAuthenticationData> = structure((fields) => ({
  type: fields.required(1, readInt32),
  value: fields.required(2, readOctets),
}));

/** @throws KerberosError MESSAGE_MALFORMED for anything but a reply of this type */
export function readKdcReply(
  message: Buffer,
  type: typeof messageType.asReply | typeof messageType.tgsReply,
): KdcReply {
  const what = 'the reply of the KDC';
  const fields = new Fields(insideApplication(message, type, what), what);
  expectHeader(fields, type);
  return {
    data: fields.optional(2, listOf(readPreAuthenticationData)) ?? [],
    client: { realm: fields.required(3, readString), name: fields.required(4, readName) },
    ticket: fields.required(5, readEncoded),
    sealed: fields.required(6, readEncryptedData),
  };
}

/**
 * Reads the decrypted part, EncKDCRepPart (RFC 4120, section 5.4.2), and combines it with the unencrypted part.
 *
 * @throws KerberosError KDC_NOT_AUTHENTIC if it answers another request, or if the ticket is for another server than
 *   the reply states
 */
export function credentialOf(
  reply: KdcReply,
  opened: Buffer,
  nonce: number,
): Omit<Credential, 'clockOffset'> {
  const what = 'the encrypted part of the reply';
  // RFC 4120 tells clients to accept either tag in either reply, because some KDCs always use that of TGS-REP.
  const tag =
    applicationNumber(opened) === innerTag.asReplyPart ? innerTag.asReplyPart : innerTag.tgsReplyPart;
  const part = new Fields(insideApplication(opened, tag, what), what);
  if (part.required(2, readUInt32) !== nonce) {
    throw new KerberosError('KDC_NOT_AUTHENTIC', 'The reply of the KDC is for a different request.');
  }
  const server = { realm: part.required(9, readString), name: part.required(10, readName) };
  if (!samePrincipal(serverOfTicket(reply.ticket), server)) {
    throw new KerberosError(
      'KDC_NOT_AUTHENTIC',
      'The ticket is for a different server than the reply states.',
    );
  }
  const authenticatedAt = part.required(5, readTime);
  return {
    client: reply.client,
    server,
    ticket: reply.ticket,
    key: part.required(0, readKey),
    flags: part.required(4, readFlags),
    authenticatedAt,
    startsAt: part.optional(6, readTime) ?? authenticatedAt,
    endsAt: part.required(7, readTime),
    renewableUntil: part.optional(8, readTime),
  };
}

/** The unencrypted part of a ticket (RFC 4120, section 5.3). */
function serverOfTicket(ticket: Buffer): Principal {
  const fields = new Fields(insideApplication(ticket, innerTag.ticket, 'the ticket'), 'the ticket');
  if (fields.required(0, readInt32) !== 5) throw malformed('The ticket is of another version of Kerberos');
  fields.required(3, readEncryptedData);
  return { realm: fields.required(1, readString), name: fields.required(2, readName) };
}
