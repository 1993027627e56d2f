import { Key } from '../../src/crypto/key.ts';
import { keyUsage } from '../../src/crypto/key-usage.ts';
import { Fields, insideApplication, readElement } from '../../src/der/read.ts';
import { listOf, readEncoded, readInteger, readOctets, readTime } from '../../src/der/values.ts';
import * as der from '../../src/der/write.ts';
import { frame, mechanism, unframe } from '../../src/gss/framing.ts';
import type { Credential } from '../../src/index.ts';
import { decrypt, encryptedData, readEncryptedData } from '../../src/messages/encrypted-data.ts';
import { encodeKey } from '../../src/messages/encryption-key.ts';
import { parsePrincipal } from '../../src/principal.ts';

/**
 * The acceptor's side, built from the package's own parts, for answers that no real acceptor gives. It knows the
 * session key, so the ticket may contain anything.
 */

export function forgedCredential(type = 18, overrides: Partial<Credential> = {}): Credential {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return {
    client: parsePrincipal('db-user@CORP.EXAMPLE.COM'),
    server: parsePrincipal('MSSQLSvc/db.corp.example.com:1433@CORP.EXAMPLE.COM'),
    key: Key.random(type),
    ticket: der.application(1, der.fields({ 0: der.integer(5) })),
    authenticatedAt: new Date(now),
    startsAt: new Date(now),
    endsAt: new Date(now + 3_600_000),
    renewableUntil: undefined,
    flags: 0,
    clockOffset: 0,
    ...overrides,
  };
}

/** The contents of an initial token, and the list of mechanisms that a MIC covers. */
export interface Opened {
  readonly list: Buffer;
  readonly mechanisms: readonly Buffer[];
  readonly authenticator: Fields;
  readonly time: Date;
  readonly microseconds: number;
}

/** Opens the token of a LOGIN7 message or of HTTP Negotiate. */
export function openInitialToken(token: Buffer, key: Key): Opened {
  const init = readElement(unframe(token, mechanism.spnego), 'NegTokenInit');
  const fields = new Fields(readElement(init.contents, 'NegTokenInit'), 'NegTokenInit');
  return {
    list: fields.required(0, readEncoded),
    mechanisms: fields.required(0, listOf(readEncoded)),
    ...openRequest(fields.required(2, readOctets), key),
  };
}

/** Opens a token of the Kerberos mechanism. */
export function openRequest(token: Buffer, key: Key, usage: number = keyUsage.apRequestAuthenticator) {
  const message = unframe(token, mechanism.kerberos).subarray(2);
  const request = new Fields(insideApplication(message, 14, 'AP-REQ'), 'AP-REQ');
  const plain = decrypt(key, usage, request.required(4, readEncryptedData));
  if (!plain) throw new Error('The authenticator is encrypted with another key.');
  const authenticator = new Fields(insideApplication(plain, 2, 'Authenticator'), 'Authenticator');
  return {
    authenticator,
    time: authenticator.required(5, readTime),
    microseconds: authenticator.required(4, readInteger),
  };
}

export interface ProofOptions {
  readonly subkey?: Key;
  readonly sequenceNumber?: number;
  readonly usage?: number;
}

/** A framed AP-REP. */
export function proof(
  key: Key,
  { time, microseconds }: Pick<Opened, 'time' | 'microseconds'>,
  { subkey, sequenceNumber, usage = keyUsage.apReply }: ProofOptions = {},
): Buffer {
  const part = der.fields({
    0: der.kerberosTime(time),
    1: der.integer(microseconds),
    2: subkey && encodeKey(subkey),
    3: sequenceNumber === undefined ? undefined : der.integer(sequenceNumber),
  });
  const reply = der.fields({
    0: der.integer(5),
    1: der.integer(15),
    2: encryptedData(key, usage, der.application(27, part)),
  });
  return frame(mechanism.kerberos, Buffer.concat([Buffer.from([2, 0]), der.application(15, reply)]));
}

export interface Response {
  /** Default: completed; an explicit `undefined` omits it. */
  readonly state?: number | undefined;
  readonly mechanism?: string;
  readonly token?: Buffer;
  readonly mic?: Buffer;
}

/** A NegTokenResp of the acceptor. */
export function response({ mechanism: chosen, token, mic, ...rest }: Response): Buffer {
  const { state } = { state: 0, ...rest };
  const body = der.fields({
    0: state === undefined ? undefined : der.enumerated(state),
    1: chosen === undefined ? undefined : der.objectIdentifier(chosen),
    2: token && der.octetString(token),
    3: mic && der.octetString(mic),
  });
  return der.contextTagged(1, body);
}

/** A MIC made by the acceptor. */
export function acceptorMic(key: Key, message: Buffer, flags: number, sequenceNumber: number): Buffer {
  const head = Buffer.concat([Buffer.from([4, 4, flags, 255, 255, 255, 255, 255]), Buffer.alloc(8)]);
  head.writeBigUInt64BE(BigInt(sequenceNumber), 8);
  return Buffer.concat([head, key.checksum(keyUsage.acceptorSign, Buffer.concat([message, head]))]);
}

/** A framed KRB-ERROR. */
export function krbErrorToken(code: number, text?: string): Buffer {
  return frame(mechanism.kerberos, Buffer.concat([Buffer.from([3, 0]), krbError(code, { text })]));
}

export function krbError(
  code: number,
  { text, data }: { text?: string | undefined; data?: Buffer } = {},
): Buffer {
  const name = der.fields({ 0: der.integer(2), 1: der.sequenceOf(['krbtgt', 'X'].map(der.generalString)) });
  const fields = der.fields({
    0: der.integer(5),
    1: der.integer(30),
    4: der.kerberosTime(new Date()),
    5: der.integer(0),
    6: der.integer(code),
    9: der.generalString('CORP.EXAMPLE.COM'),
    10: name,
    11: text === undefined ? undefined : der.generalString(text),
    12: data && der.octetString(data),
  });
  return der.application(30, fields);
}
