import { randomInt } from 'node:crypto';
import type { KrbErrorReport } from '../errors/kerberos-error.ts';
import { readKdcReply } from '../messages/kdc-reply.ts';
import { kdcRequest, kdcRequestBody } from '../messages/kdc-request.ts';
import { messageType } from '../messages/message-type.ts';
import { type Principal, ticketGrantingService } from '../principal.ts';
import type { KdcClient } from './kdc-client.ts';

/**
 * What time a KDC has, for diagnosis: nothing vouches for it.
 *
 * @returns nothing for an account that need not prove its password: that answer tells no time
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
 * What a KDC says of a client, for diagnosis: nothing vouches for it. It is asked for a ticket without any proof, which is
 * no failed login, and refuses with its time and its reason (RFC 4120, section 5.9.1).
 *
 * @returns nothing for an account that need not prove its password: it is given a ticket, which nobody looks at
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
