import { randomInt } from 'node:crypto';
import type { KrbErrorReport } from '../errors/kerberos-error.ts';
import { readKdcReply } from '../messages/kdc-reply.ts';
import { kdcRequest, kdcRequestBody } from '../messages/kdc-request.ts';
import { messageType } from '../messages/message-type.ts';
import { type Principal, ticketGrantingService } from '../principal.ts';
import type { KdcClient } from './kdc-client.ts';

/**
 * The time of a KDC. Not authenticated: for diagnosis only.
 *
 * @returns undefined for an account without pre-authentication, because that answer contains no time
 * @throws KerberosError KDC_UNREACHABLE, REALM_UNKNOWN, MESSAGE_MALFORMED; the signal's reason
 */
export async function kdcClock(
  kdc: KdcClient,
  client: Principal,
  signal?: AbortSignal,
): Promise<Date | undefined> {
  return (await probeKdc(kdc, client, signal))?.serverTime;
}

/**
 * A KDC's statement about a client. Not authenticated: for diagnosis only. Requests a ticket without
 * pre-authentication, which does not count as a failed login; the KDC refuses, with its time and a reason (RFC 4120,
 * section 5.9.1).
 *
 * @returns undefined for an account without pre-authentication: the KDC issues a ticket, which is ignored
 * @throws KerberosError KDC_UNREACHABLE, REALM_UNKNOWN, MESSAGE_MALFORMED; the signal's reason
 */
export async function probeKdc(
  kdc: KdcClient,
  client: Principal,
  signal?: AbortSignal,
): Promise<KrbErrorReport | undefined> {
  const body = kdcRequestBody({
    options: [],
    client: client.name,
    server: ticketGrantingService(client.realm),
    until: new Date(Date.now() + 3_600_000),
    nonce: randomInt(2 ** 31),
    encryptionTypes: kdc.configuration.encryptionTypes,
  });
  const answer = await kdc.ask(client.realm.toString(), kdcRequest(messageType.asRequest, body, []), signal);
  if (!answer.error) readKdcReply(answer.message, messageType.asReply);
  return answer.error;
}
