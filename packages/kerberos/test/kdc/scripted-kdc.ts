import { Key } from '../../src/crypto/key.ts';
import { keyUsage } from '../../src/crypto/key-usage.ts';
import { Fields, insideApplication, readElement } from '../../src/der/read.ts';
import { listOf, readInteger, readOctets, readString, structure } from '../../src/der/values.ts';
import * as der from '../../src/der/write.ts';
import { frame, mechanism } from '../../src/gss/framing.ts';
import { decrypt, encryptedData, readEncryptedData } from '../../src/messages/encrypted-data.ts';
import { encodeKey, readKey } from '../../src/messages/encryption-key.ts';
import { encodeName, type Principal, readName } from '../../src/principal.ts';
import { openRequest } from '../acceptor/own-acceptor.ts';

/** The KDC's side, built from the package's own parts, for replies that no real KDC gives. */

export interface AskedTicket {
  readonly realm: string;
  readonly server: readonly string[];
  readonly nonce: number;
  /** Only in a TGS exchange. */
  readonly subkey: Key | undefined;
  readonly client: Principal | undefined;
}

const readData = structure((fields) => ({ value: fields.required(2, readOctets) }));

/** @param key session key of the ticket in a TGS-REQ */
export function readRequest(message: Buffer, key?: Key): AskedTicket {
  const type = (message[0] as number) & 0x1f;
  const request = new Fields(insideApplication(message, type, 'KDC-REQ'), 'KDC-REQ');
  const body = request.required(
    4,
    structure((fields) => fields),
  );
  const [data] = request.optional(3, listOf(readData)) ?? [];
  const framed = data && frame(mechanism.kerberos, Buffer.concat([Buffer.from([1, 0]), data.value]));
  const authenticator =
    key && framed && openRequest(framed, key, keyUsage.tgsRequestAuthenticator).authenticator;
  const name = body.optional(1, readName);
  return {
    realm: body.required(2, readString).toString(),
    server: body.required(3, readName).parts.map(String),
    nonce: body.required(7, readInteger),
    subkey: authenticator?.optional(6, readKey),
    client: name && { realm: body.required(2, readString), name },
  };
}

export interface Reply {
  readonly type: 11 | 13;
  readonly client: Principal;
  readonly server: Principal;
  /** If it differs from the one in the encrypted part. */
  readonly serverOfTicket?: Principal;
  readonly nonce: number;
  readonly key: Key;
  readonly usage: number;
  readonly sessionKey?: Key;
  /** Default: one hour from now. */
  readonly endsAt?: Date;
  readonly data?: readonly { type: number; value: Buffer }[];
}

export function reply(options: Reply): Buffer {
  const { type, client, server, serverOfTicket = server, nonce, key, usage, data = [] } = options;
  const now = Math.floor(Date.now() / 1000) * 1000;
  const ticket = der.fields({
    0: der.integer(5),
    1: der.generalString(serverOfTicket.realm),
    2: encodeName(serverOfTicket.name),
    3: encryptedData(Key.random(18), 2, Buffer.from('a ticket')),
  });
  const part = der.fields({
    0: encodeKey(options.sessionKey ?? Key.random(18)),
    1: der.sequenceOf([]),
    2: der.integer(nonce),
    4: der.flags([]),
    5: der.kerberosTime(new Date(now)),
    7: der.kerberosTime(options.endsAt ?? new Date(now + 3_600_000)),
    9: der.generalString(server.realm),
    10: encodeName(server.name),
  });
  const list = data.map((item) => der.fields({ 1: der.integer(item.type), 2: der.octetString(item.value) }));
  const message = der.fields({
    0: der.integer(5),
    1: der.integer(type),
    2: list.length > 0 ? der.sequenceOf(list) : undefined,
    3: der.generalString(client.realm),
    4: encodeName(client.name),
    5: der.application(1, ticket),
    6: encryptedData(key, usage, der.application(type === 11 ? 25 : 26, part)),
  });
  return der.application(type, message);
}

/** PA-ETYPE-INFO2 with one entry. */
export function typeInfo(type: number, salt: string, parameters?: Buffer): { type: number; value: Buffer } {
  const entry = der.fields({
    0: der.integer(type),
    1: der.generalString(salt),
    2: parameters && der.octetString(parameters),
  });
  return { type: 19, value: der.sequenceOf([entry]) };
}

export function methodData(items: readonly { type: number; value: Buffer }[]): Buffer {
  return der.sequenceOf(
    items.map(({ type, value }) => der.fields({ 1: der.integer(type), 2: der.octetString(value) })),
  );
}

/** Whether an encrypted timestamp was made with this key. */
export function timestampIsSealedWith(message: Buffer, key: Key): boolean {
  const request = new Fields(insideApplication(message, 10, 'AS-REQ'), 'AS-REQ');
  const [data] = request.optional(3, listOf(readData)) ?? [];
  if (!data) return false;
  const sealed = readEncryptedData(readElement(data.value, 'PA-ENC-TIMESTAMP'), 'PA-ENC-TIMESTAMP');
  return decrypt(key, 1, sealed) !== undefined;
}
