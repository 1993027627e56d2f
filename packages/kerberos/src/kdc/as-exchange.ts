import { randomInt } from 'node:crypto';
import type { Credential } from '../credential.ts';
import type { Key } from '../crypto/key.ts';
import { keyUsage } from '../crypto/key-usage.ts';
import { readElement } from '../der/read.ts';
import { listOf } from '../der/values.ts';
import * as der from '../der/write.ts';
import { KerberosError, refusal } from '../errors/kerberos-error.ts';
import { newMoment } from '../messages/ap-request.ts';
import { decrypt, encryptedData } from '../messages/encrypted-data.ts';
import {
  credentialOf,
  type KdcReply,
  readKdcReply,
  readPreAuthenticationData,
} from '../messages/kdc-reply.ts';
import {
  type KdcRequestBody,
  kdcOption,
  kdcRequest,
  kdcRequestBody,
  type PreAuthenticationData,
  preAuthentication,
} from '../messages/kdc-request.ts';
import { messageType } from '../messages/message-type.ts';
import { formatPrincipal, type Principal, sameButForCase, ticketGrantingService } from '../principal.ts';
import { type KdcAnswer, type KdcClient, saidBy } from './kdc-client.ts';
import { passwordKey, passwordKeyRecipe } from './password-key.ts';

export interface InitialTicketOptions {
  readonly client: Principal;
  readonly password: string;
  /** Default: the ticket-granting service of the client's realm. */
  readonly service?: Principal;
  /** Requested ticket lifetime; the KDC may shorten it. Default ten hours. */
  readonly lifetimeMilliseconds?: number;
  /** Requested renewable lifetime. Default: not renewable. */
  readonly renewableMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
}

const PREAUTH_REQUIRED = 25;
/** Smaller differences are explained by the time that the reply took to arrive. */
const clockTolerance = 5000;

/**
 * Obtains a ticket with a password, as kinit(1) does: an AS exchange with an encrypted timestamp (RFC 4120, sections
 * 3.1 and 5.2.7.2). The password does not leave the process, and the KDC also proves that it knows the key derived from
 * it. Each wrong password counts towards the directory's account lockout.
 *
 * @throws KerberosError KDC_ERR_PREAUTH_FAILED for a wrong password, another code of the KDC, KDC_NOT_AUTHENTIC,
 *   KDC_UNREACHABLE, REALM_UNKNOWN, ENCRYPTION_TYPE_UNSUPPORTED, MESSAGE_MALFORMED; the signal's reason
 */
export async function obtainInitialTicket(
  kdc: KdcClient,
  options: InitialTicketOptions,
): Promise<Credential> {
  const { client, password, signal } = options;
  const { encryptionTypes } = kdc.configuration;
  const request = initialRequest(options, encryptionTypes);
  const realm = client.realm.toString();
  const ask = (data: readonly PreAuthenticationData[]) =>
    kdc.ask(realm, kdcRequest(messageType.asRequest, kdcRequestBody(request), data), signal);

  const offer = await ask([]);
  // An account that does not require pre-authentication gets the reply immediately.
  if (!offer.error) return open(offer, request, options, { encryptionTypes, data: [] });
  const { code, data: methods, serverTime } = offer.error;
  if (code !== PREAUTH_REQUIRED || !methods) throw refusal(offer.from, offer.error);
  const what = 'the ways of pre-authentication';
  const data = saidBy(offer.from, () => listOf(readPreAuthenticationData)(readElement(methods, what), what));
  if (!data.some(({ type }) => type === preAuthentication.encryptedTimestamp))
    throw refusal(offer.from, offer.error);
  const key = await passwordKey(password, passwordKeyRecipe(client, data, encryptionTypes));
  // The timestamp must be right by the KDC's clock, not ours. Using the KDC's unauthenticated time is safe: the
  // timestamp proves that we know the key now, and the KDC's own proof does not depend on it.
  const proof = encryptedTimestamp(key, significant(serverTime.getTime() - Date.now()));
  const cookie = data.filter(({ type }) => type === preAuthentication.cookie);
  const answer = await ask([proof, ...cookie]);
  if (answer.error) throw refusal(answer.from, answer.error);
  return open(answer, request, options, { encryptionTypes, data, key });
}

function initialRequest(
  { client, service, lifetimeMilliseconds = 36_000_000, renewableMilliseconds }: InitialTicketOptions,
  encryptionTypes: readonly number[],
): KdcRequestBody {
  const renewable = renewableMilliseconds !== undefined;
  return {
    options: [kdcOption.forwardable, ...(renewable ? [kdcOption.renewable] : [])],
    client: client.name,
    server: service ?? ticketGrantingService(client.realm),
    until: new Date(Date.now() + lifetimeMilliseconds),
    renewableUntil: renewable ? new Date(Date.now() + renewableMilliseconds) : undefined,
    nonce: randomInt(2 ** 31),
    encryptionTypes,
  };
}

/** PA-ENC-TIMESTAMP (RFC 4120, section 5.2.7.2). */
function encryptedTimestamp(key: Key, clockOffset: number): PreAuthenticationData {
  const { time, microseconds } = newMoment(clockOffset);
  const stamp = der.fields({ 0: der.kerberosTime(time), 1: der.integer(microseconds) });
  return {
    type: preAuthentication.encryptedTimestamp,
    value: encryptedData(key, keyUsage.encryptedTimestamp, stamp),
  };
}

/** What we know about the client's keys before the reply arrives. */
interface Offered {
  readonly encryptionTypes: readonly number[];
  readonly data: readonly PreAuthenticationData[];
  /** The key that proved the password. */
  readonly key?: Key;
}

async function open(
  { message, from }: KdcAnswer,
  { server, nonce }: KdcRequestBody,
  { client, password }: InitialTicketOptions,
  offered: Offered,
): Promise<Credential> {
  const reply = saidBy(from, () => readKdcReply(message, messageType.asReply));
  const key = await replyKey(reply, client, password, offered);
  const opened = decrypt(key, keyUsage.asReply, reply.sealed);
  if (!opened) {
    throw new KerberosError(
      'KDC_NOT_AUTHENTIC',
      `${from} answers without knowing the password of the account.`,
    );
  }
  if (!sameButForCase(reply.client, client)) {
    const [found, wanted] = [reply.client, client].map(formatPrincipal);
    throw new KerberosError('KDC_NOT_AUTHENTIC', `${from} gives a ticket of ${found}, not of ${wanted}.`);
  }
  const credential = credentialOf(reply, opened, nonce);
  // The request is not authenticated: an attacker who replaced the service in it could get data meant for the real
  // service, such as a new password.
  if (!sameButForCase(credential.server, server)) {
    const [found, wanted] = [credential.server, server].map(formatPrincipal);
    throw new KerberosError('KDC_NOT_AUTHENTIC', `${from} gives a ticket for ${found}, not for ${wanted}.`, {
      hint: 'The request was changed in transit, or another host is impersonating the KDC.',
    });
  }
  return { ...credential, clockOffset: significant(credential.authenticatedAt.getTime() - Date.now()) };
}

/**
 * The KDC encrypts with a key of its choice (RFC 4120, section 3.1.3), which may not be the one that proved the
 * password.
 */
function replyKey(
  { data, sealed }: KdcReply,
  client: Principal,
  password: string,
  offered: Offered,
): Key | Promise<Key> {
  if (offered.key?.type.number === sealed.type) return offered.key;
  if (!offered.encryptionTypes.includes(sealed.type)) {
    throw new KerberosError(
      'ENCRYPTION_TYPE_UNSUPPORTED',
      `The reply of the KDC is encrypted with encryption type ${sealed.type}, which may not be used here.`,
    );
  }
  return passwordKey(password, passwordKeyRecipe(client, [...data, ...offered.data], [sealed.type]));
}

function significant(offset: number): number {
  return Math.abs(offset) > clockTolerance ? offset : 0;
}
