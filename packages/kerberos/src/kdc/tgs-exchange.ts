import { randomInt } from 'node:crypto';
import { assertValidNow, type Credential } from '../credential.ts';
import { Key } from '../crypto/key.ts';
import { keyUsage } from '../crypto/key-usage.ts';
import { KerberosError, malformed, refusal } from '../errors/kerberos-error.ts';
import { apRequest } from '../messages/ap-request.ts';
import { decrypt } from '../messages/encrypted-data.ts';
import { credentialOf, readKdcReply } from '../messages/kdc-reply.ts';
import { kdcOption, kdcRequest, kdcRequestBody, preAuthentication } from '../messages/kdc-request.ts';
import { messageType } from '../messages/message-type.ts';
import {
  formatName,
  formatPrincipal,
  grantedRealm,
  type PrincipalName,
  sameName,
  samePrincipal,
  ticketGrantingService,
} from '../principal.ts';
import { type KdcAnswer, type KdcClient, saidBy } from './kdc-client.ts';

export interface ServiceTicketOptions {
  readonly ticketGrantingTicket: Credential;
  readonly service: PrincipalName;
  /** The realm of the service, if known. Default: determined by `[domain_realm]` or the KDCs. */
  readonly realm?: Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Domain trees are shallow; MIT Kerberos has the same limit. */
const maximalReferrals = 10;

/**
 * Obtains a ticket for a service with a ticket-granting ticket (RFC 4120, section 3.3). If the service belongs to
 * another realm, the KDC (RFC 6806, section 8) or `[domain_realm]` of the configuration refers us there. Follows at
 * most ten referrals, and visits no realm twice.
 *
 * @throws KerberosError KDC_ERR_S_PRINCIPAL_UNKNOWN or another code of a KDC, TICKET_EXPIRED, REFERRAL_REFUSED,
 *   KDC_NOT_AUTHENTIC, KDC_UNREACHABLE, REALM_UNKNOWN, MESSAGE_MALFORMED; the signal's reason
 */
export async function obtainServiceTicket(
  kdc: KdcClient,
  { ticketGrantingTicket, service, realm: given, signal }: ServiceTicketOptions,
): Promise<Credential> {
  let current = ticketGrantingTicket;
  let realm = realmOf(current);
  let aim = given ?? configuredRealm(kdc, service);
  const visited = [realm];
  while (visited.length <= maximalReferrals) {
    if (aim?.equals(realm)) aim = undefined;
    const wanted = aim ? ticketGrantingService(aim).name : service;
    const credential = await exchange(kdc, current, realm, wanted, signal);
    if (wanted === service && sameName(credential.server.name, service)) return credential;
    const next = grantedRealm(credential.server.name);
    // A KDC may return another name for the service. The name is in the encrypted part, so the KDC vouches for it.
    if (!next && wanted === service) return credential;
    if (!next) throw refused(`to ${formatName(credential.server.name)}, which is not a realm,`, visited);
    if (visited.some((known) => known.equals(next))) throw refused('in a circle', [...visited, next]);
    visited.push(next);
    current = credential;
    realm = next;
  }
  throw refused('on and on', visited);
}

async function exchange(
  kdc: KdcClient,
  ticketGrantingTicket: Credential,
  realm: Buffer,
  service: PrincipalName,
  signal: AbortSignal | undefined,
): Promise<Credential> {
  assertValidNow(ticketGrantingTicket);
  const { encryptionTypes } = kdc.configuration;
  if (encryptionTypes.length === 0) {
    throw new KerberosError(
      'ENCRYPTION_TYPE_UNSUPPORTED',
      'The configuration permits no encryption type that this client supports.',
    );
  }
  const nonce = randomInt(2 ** 31);
  const body = kdcRequestBody({
    options: [kdcOption.canonicalize],
    server: { realm, name: service },
    until: ticketGrantingTicket.endsAt,
    nonce,
    encryptionTypes,
  });
  const subkey = Key.random(ticketGrantingTicket.key.type.number);
  const { message } = apRequest({
    credential: ticketGrantingTicket,
    usage: keyUsage.tgsRequestAuthenticator,
    checksum: {
      type: ticketGrantingTicket.key.type.checksumType,
      octets: ticketGrantingTicket.key.checksum(keyUsage.tgsRequestChecksum, body),
    },
    subkey,
  });
  const data = [{ type: preAuthentication.tgsRequest, value: message }];
  const request = kdcRequest(messageType.tgsRequest, body, data);
  const answer = await kdc.ask(realm.toString(), request, signal);
  if (answer.error) {
    throw refusal(`${answer.from}, asked for ${formatName(service)},`, answer.error);
  }
  return open(answer, ticketGrantingTicket, subkey, nonce);
}

function open({ message, from }: KdcAnswer, granting: Credential, subkey: Key, nonce: number): Credential {
  const reply = saidBy(from, () => readKdcReply(message, messageType.tgsReply));
  // The reply should use the subkey. KDCs that ignore it encrypt with the session key.
  const opened =
    decrypt(subkey, keyUsage.tgsReplySubkey, reply.sealed) ??
    decrypt(granting.key, keyUsage.tgsReplySessionKey, reply.sealed);
  if (!opened) {
    throw new KerberosError(
      'KDC_NOT_AUTHENTIC',
      `${from} answers without having opened the ticket-granting ticket.`,
    );
  }
  // The client name is outside the encrypted part. Like MIT Kerberos, reject a ticket of another client.
  if (!samePrincipal(reply.client, granting.client)) {
    throw new KerberosError(
      'KDC_NOT_AUTHENTIC',
      `${from} gives a ticket of ${formatPrincipal(reply.client)}, not of ${formatPrincipal(granting.client)}.`,
      { hint: 'The answer was changed in transit, or another host is impersonating the KDC.' },
    );
  }
  return { ...credentialOf(reply, opened, nonce), clockOffset: granting.clockOffset };
}

function realmOf({ server }: Credential): Buffer {
  const realm = grantedRealm(server.name);
  if (!realm) throw malformed('The ticket given to ask with is not a ticket-granting ticket');
  return realm;
}

/** The realm that the configuration assigns to the host in a name of the form `service/host:port`. */
function configuredRealm(kdc: KdcClient, { parts }: PrincipalName): Buffer | undefined {
  const host = parts.length === 2 ? parts[1]?.toString().replace(/:.*$/, '') : undefined;
  const realm = host && kdc.configuration.realmOfHost(host);
  return realm ? Buffer.from(realm) : undefined;
}

function refused(how: string, realms: readonly Buffer[]): KerberosError {
  return new KerberosError(
    'REFERRAL_REFUSED',
    `The KDCs send us from realm to realm ${how}: ${realms.map(String).join(' → ')}.`,
  );
}
