import { readFile } from 'node:fs/promises';
import { Key } from '../../src/crypto/key.ts';
import * as der from '../../src/der/write.ts';
import type { Credential } from '../../src/index.ts';
import { encodeKey } from '../../src/messages/encryption-key.ts';
import { encodeName, parsePrincipal } from '../../src/principal.ts';

/** Key usage of a ticket's encrypted part (RFC 4120, section 7.5.1). */
const ticketUsage = 2;

export interface SealedTicketOptions {
  /** A keytab of the service; its first key is used. */
  readonly keytab: string;
  readonly client: string;
  readonly service: string;
  /** Octets of authorization data, to imitate a PAC with very many groups. */
  readonly authorizationData: number;
}

/** A ticket such as a KDC issues (RFC 4120, section 5.3), of any size, for any acceptor that has the keytab. */
export async function sealTicket(options: SealedTicketOptions): Promise<Credential> {
  const { key: serviceKey, version } = firstKey(await readFile(options.keytab));
  const client = parsePrincipal(options.client);
  const server = parsePrincipal(options.service);
  const key = Key.random(18);
  const now = Math.floor(Date.now() / 1000) * 1000;
  const [begin, end] = [new Date(now), new Date(now + 3_600_000)];
  const part = der.fields({
    0: der.flags([]),
    1: encodeKey(key),
    2: der.generalString(client.realm),
    3: encodeName(client.name),
    4: der.fields({ 0: der.integer(0), 1: der.octetString(Buffer.alloc(0)) }),
    5: der.kerberosTime(begin),
    6: der.kerberosTime(begin),
    7: der.kerberosTime(end),
    10: authorizationData(options.authorizationData),
  });
  const sealed = serviceKey.encrypt(ticketUsage, der.application(3, part));
  const ticket = der.fields({
    0: der.integer(5),
    1: der.generalString(server.realm),
    2: encodeName(server.name),
    3: der.fields({
      0: der.integer(serviceKey.type.number),
      1: der.integer(version),
      2: der.octetString(sealed),
    }),
  });
  return {
    ...{ client, server, key, ticket: der.application(1, ticket) },
    ...{ authenticatedAt: begin, startsAt: begin, endsAt: end, renewableUntil: undefined },
    ...{ flags: 0, clockOffset: 0 },
  };
}

/** AD-IF-RELEVANT with an unknown type, which acceptors ignore (RFC 4120, section 5.2.6.1). */
function authorizationData(size: number): Buffer {
  const entry = (type: number, data: Buffer) =>
    der.sequenceOf([der.fields({ 0: der.integer(type), 1: der.octetString(data) })]);
  return entry(1, entry(-4711, Buffer.alloc(size, 'group ')));
}

/** The first entry of a keytab in MIT's format, version 2. */
function firstKey(keytab: Buffer): { key: Key; version: number } {
  let at = 2 + 4;
  const skip = (octets: number) => {
    at += octets;
    return at - octets;
  };
  const counted = () => {
    const length = keytab.readUInt16BE(skip(2));
    const start = skip(length);
    return keytab.subarray(start, start + length);
  };
  const components = keytab.readUInt16BE(skip(2));
  for (let name = 0; name <= components; name += 1) counted(); // the realm and the name components
  skip(4 + 4); // type of the name, time
  const version = keytab.readUInt8(skip(1));
  return { version, key: new Key(keytab.readUInt16BE(skip(2)), counted()) };
}
