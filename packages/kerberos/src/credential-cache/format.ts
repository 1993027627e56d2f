import { KerberosError } from '../errors/kerberos-error.ts';
import type { Principal } from '../principal.ts';
import type { CachedCredential, CredentialCache, TypedOctets } from './credential-cache.ts';

/**
 * The format of FILE credential caches, versions 3 and 4.
 *
 * @see https://web.mit.edu/kerberos/krb5-1.20/doc/formats/ccache_file_format.html
 */

const VERSION_3 = 0x0503;
const VERSION_4 = 0x0504;
const TIME_OFFSET = 1;
/** A principal usually has two components. The limit rejects corrupt files that claim millions. */
const mostParts = 1000;
/** The format's seconds end in the year 2106. */
const latest = 2 ** 32 - 1;
/** Milliseconds: the format stores 31 bits of seconds. */
const mostOffset = (2 ** 31 - 1) * 1000;
/** Realms under which MIT Kerberos keeps its own settings, and those it has removed. */
const realmsOfNotes = ['X-CACHECONF:', 'X-RMED-CONF:'];

function isNote({ server }: CachedCredential): boolean {
  return realmsOfNotes.includes(server.realm.toString());
}

/**
 * MIT Kerberos cannot remove an entry from the middle of the file, so it leaves the entry there without an end time.
 */
function isRemoved({ endsAt, authenticatedAt }: CachedCredential): boolean {
  return endsAt.getTime() === 0 && authenticatedAt.getTime() !== 0;
}

/** @throws KerberosError CREDENTIAL_CACHE_MALFORMED or CREDENTIAL_CACHE_UNSUPPORTED */
export function parseCredentialCache(content: Buffer): CredentialCache {
  const reader = new Reader(content);
  const version = reader.uint16();
  if (version === 0x0501 || version === 0x0502) {
    throw new KerberosError(
      'CREDENTIAL_CACHE_UNSUPPORTED',
      `The credential cache is of version ${version & 0xff}, which depends on the machine that wrote it.`,
    );
  }
  if (version !== VERSION_3 && version !== VERSION_4) throw malformedCache();
  const clockOffset = version === VERSION_4 ? readHeader(new Reader(reader.octets(reader.uint16()))) : 0;
  const principal = readPrincipal(reader);
  const credentials: CachedCredential[] = [];
  while (!reader.done) {
    const credential = readCredential(reader, version);
    if (!isNote(credential) && !isRemoved(credential)) credentials.push(credential);
  }
  return { principal, credentials, clockOffset };
}

/**
 * Encodes a credential cache.
 *
 * @param version default 4; version 3 cannot store the clock offset
 * @throws RangeError for any other version, an offset that is not a number or exceeds 68 years, or an invalid time
 */
export function formatCredentialCache(cache: CredentialCache, version: 3 | 4 = 4): Buffer {
  if (version !== 3 && version !== 4)
    throw new RangeError(`The "version" of a credential cache must be 3 or 4, not ${String(version)}.`);
  const { clockOffset = 0 } = cache;
  if (!(Math.abs(clockOffset) <= mostOffset))
    throw new RangeError(`"clockOffset" must be milliseconds within 68 years, not ${String(clockOffset)}.`);
  const writer = new Writer();
  writer.uint16(version === 4 ? VERSION_4 : VERSION_3);
  if (version === 4) writeHeader(writer, clockOffset);
  writePrincipal(writer, cache.principal);
  for (const credential of cache.credentials) writeCredential(writer, credential, version);
  return writer.content();
}

/** Reads a list of tagged fields, of which we know one. @returns the clock offset in milliseconds */
function readHeader(reader: Reader): number {
  let offset = 0;
  while (!reader.done) {
    const tag = reader.uint16();
    const value = new Reader(reader.octets(reader.uint16()));
    if (tag === TIME_OFFSET) offset = value.int32() * 1000 + Math.round(value.int32() / 1000);
  }
  return offset;
}

function writeHeader(writer: Writer, clockOffset: number): void {
  if (clockOffset === 0) {
    writer.uint16(0);
    return;
  }
  const seconds = Math.trunc(clockOffset / 1000);
  writer.uint16(12);
  writer.uint16(TIME_OFFSET);
  writer.uint16(8);
  writer.int32(seconds);
  writer.int32(Math.round(clockOffset - seconds * 1000) * 1000);
}

function readPrincipal(reader: Reader): Principal {
  const type = reader.int32();
  const count = reader.uint32();
  if (count > mostParts) throw malformedCache();
  const realm = reader.counted();
  return { realm, name: { type, parts: reader.list(count, () => reader.counted()) } };
}

function writePrincipal(writer: Writer, { realm, name }: Principal): void {
  writer.int32(name.type);
  writer.uint32(name.parts.length);
  for (const octets of [realm, ...name.parts]) writer.counted(octets);
}

function readCredential(reader: Reader, version: number): CachedCredential {
  const client = readPrincipal(reader);
  const server = readPrincipal(reader);
  const keyType = reader.uint16();
  if (version === VERSION_3) reader.uint16(); // the type is repeated
  const key = reader.counted();
  const [authenticated, starts, ends, renewable] = reader.list(4, () => reader.uint32()) as [
    number,
    number,
    number,
    number,
  ];
  const time = (seconds: number) => new Date(seconds * 1000);
  return {
    ...{ client, server, keyType, key },
    authenticatedAt: time(authenticated),
    startsAt: time(starts || authenticated),
    endsAt: time(ends),
    renewableUntil: renewable ? time(renewable) : undefined,
    isSessionKey: reader.octets(1)[0] !== 0,
    flags: reader.uint32(),
    addresses: readTypedOctets(reader),
    authorizationData: readTypedOctets(reader),
    ticket: reader.counted(),
    secondTicket: reader.counted(),
  };
}

function writeCredential(writer: Writer, credential: CachedCredential, version: 3 | 4): void {
  writePrincipal(writer, credential.client);
  writePrincipal(writer, credential.server);
  writer.uint16(credential.keyType);
  if (version === 3) writer.uint16(credential.keyType);
  writer.counted(credential.key);
  const { authenticatedAt, startsAt, endsAt, renewableUntil } = credential;
  for (const time of [authenticatedAt, startsAt, endsAt, renewableUntil]) {
    writer.uint32(time ? secondsOf(time) : 0);
  }
  writer.octets(Buffer.from([credential.isSessionKey ? 1 : 0]));
  writer.uint32(credential.flags);
  for (const list of [credential.addresses, credential.authorizationData]) {
    writer.uint32(list.length);
    for (const { type, octets } of list) {
      writer.uint16(type);
      writer.counted(octets);
    }
  }
  writer.counted(credential.ticket);
  writer.counted(credential.secondTicket);
}

/** Clamped to the format's range, so that a ticket that ended before 1970 does not wrap around and become valid. */
function secondsOf(time: Date): number {
  const seconds = Math.floor(time.getTime() / 1000);
  if (Number.isNaN(seconds)) throw new RangeError('A time of the ticket is an invalid Date.');
  return Math.max(0, Math.min(seconds, latest));
}

function readTypedOctets(reader: Reader): TypedOctets[] {
  return reader.list(reader.uint32(), () => ({ type: reader.uint16(), octets: reader.counted() }));
}

function malformedCache(): KerberosError {
  return new KerberosError('CREDENTIAL_CACHE_MALFORMED', 'The content is not that of a credential cache.');
}

/** Reads numbers in network byte order. Throws at the end of the content. */
class Reader {
  #offset = 0;
  readonly #content: Buffer;

  constructor(content: Buffer) {
    this.#content = content;
  }

  get done(): boolean {
    return this.#offset === this.#content.length;
  }

  octets(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#content.length) throw malformedCache();
    const found = this.#content.subarray(this.#offset, end);
    this.#offset = end;
    return found;
  }

  uint16 = () => this.octets(2).readUInt16BE();
  uint32 = () => this.octets(4).readUInt32BE();
  int32 = () => this.octets(4).readInt32BE();
  counted = () => this.octets(this.uint32());

  /** Each member takes at least one octet, so an excessive count fails at the end of the content. */
  list<T>(count: number, member: () => T): T[] {
    const found: T[] = [];
    while (found.length < count) found.push(member());
    return found;
  }
}

class Writer {
  readonly #parts: Buffer[] = [];

  octets(octets: Buffer): void {
    this.#parts.push(octets);
  }
  uint16(value: number): void {
    const octets = Buffer.alloc(2);
    octets.writeUInt16BE(value);
    this.octets(octets);
  }
  uint32(value: number): void {
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(value >>> 0);
    this.octets(octets);
  }
  int32(value: number): void {
    this.uint32(value);
  }
  counted(octets: Buffer): void {
    this.uint32(octets.length);
    this.octets(octets);
  }
  content(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
