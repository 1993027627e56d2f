import { TicketFailure } from '../failures/ticket-failure.ts';
import { encryptionTypeName } from './encryption-type.ts';
import { ticketEncryption } from './ticket-encryption.ts';

/** One ticket of a cache. Times are by the domain controller's clock. */
export interface CachedTicket {
  /** For example `db-user@CORP.EXAMPLE.COM`. */
  readonly client: string;
  /** For example `MSSQLSvc/music-db.corp.example.com:1433@CORP.EXAMPLE.COM`. */
  readonly server: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Equal to the epoch when the ticket is not renewable. */
  readonly renewableUntil: Date;
  /** How the ticket itself is encrypted, for example `aes256-cts-hmac-sha1-96`. */
  readonly encryptionType: string;
  /** The version of the server's key that encrypts it (RFC 4120, section 5.2.9, `kvno`), if the KDC included it. */
  readonly keyVersion: number | undefined;
  /** Its place in the file. */
  readonly position: TicketPosition;
}

/** Offsets in a cache, in bytes from its beginning. */
export interface TicketPosition {
  readonly from: number;
  readonly to: number;
  /** The end time: four bytes, big-endian, seconds since the epoch. */
  readonly endsAt: number;
  /** The ticket's flags (RFC 4120, section 5.3): four bytes, big-endian. */
  readonly flags: number;
}

export interface CredentialCache {
  readonly principal: string;
  /** Seconds to add to this machine's clock to get the domain controller's, as MIT recorded it. */
  readonly clockOffset: number;
  readonly tickets: readonly CachedTicket[];
  /** The number of bytes before the first entry: the file's header and the principal. */
  readonly headLength: number;
}

/**
 * Reads a FILE credential cache, version 4, as MIT's document "Credential cache file format" describes it. Skips
 * configuration entries (realm `X-CACHECONF:`). The result contains no keys and no ticket bytes.
 * @throws TicketFailure `cache-corrupt` if the bytes are not a whole cache.
 */
export function parseCredentialCache(bytes: Buffer): CredentialCache {
  try {
    return readCache(new Reader(bytes));
  } catch (error) {
    throw new TicketFailure('cache-corrupt', error instanceof Error ? error.message : String(error));
  }
}

function readCache(reader: Reader): CredentialCache {
  if (reader.uint16() !== 0x0504) {
    throw new RangeError('It does not begin with 05 04.');
  }
  const clockOffset = readClockOffset(new Reader(reader.take(reader.uint16())));
  const principal = readPrincipal(reader);
  const headLength = reader.position;
  const tickets: CachedTicket[] = [];
  while (!reader.atEnd) {
    const ticket = readTicket(reader);
    if (!ticket.server.endsWith('@X-CACHECONF:')) {
      tickets.push(ticket.read());
    }
  }
  return { principal, clockOffset, tickets, headLength };
}

function readClockOffset(header: Reader): number {
  let offset = 0;
  while (!header.atEnd) {
    const tag = header.uint16();
    const field = new Reader(header.take(header.uint16()));
    if (tag === 1) {
      offset = field.int32() + field.int32() / 1e6;
    }
  }
  return offset;
}

function readPrincipal(reader: Reader): string {
  reader.uint32(); // the name's type
  const components = reader.uint32();
  const realm = reader.data().toString();
  const names = Array.from({ length: Math.min(components, 64) }, () => reader.data().toString());
  return `${names.join('/')}@${realm}`;
}

function readTicket(reader: Reader) {
  const from = reader.position;
  const client = readPrincipal(reader);
  const server = readPrincipal(reader);
  reader.uint16(); // the session key: its type, …
  reader.data(); // … and the key itself, which is not returned
  const authenticatedAt = reader.time();
  const startsAt = reader.time();
  const endsAtPosition = reader.position;
  const endsAt = reader.time();
  const renewableUntil = reader.time();
  reader.take(1); // is_skey
  const flags = reader.position;
  reader.take(4);
  for (const list of ['addresses', 'authorization data']) {
    for (let left = reader.count(list); left > 0; left--) {
      reader.uint16();
      reader.data();
    }
  }
  const ticket = reader.data();
  reader.data(); // the second ticket, of user-to-user authentication
  const position = { from, to: reader.position, endsAt: endsAtPosition, flags };
  return {
    server,
    read: (): CachedTicket => ({
      ...encryption(ticket),
      client,
      server,
      // A start time of zero means the time of authentication (RFC 4120, section 5.3, starttime).
      startsAt: startsAt.getTime() === 0 ? authenticatedAt : startsAt,
      endsAt,
      renewableUntil,
      position,
    }),
  };
}

function encryption(ticket: Buffer) {
  const { encryptionType, keyVersion } = ticketEncryption(ticket);
  return { encryptionType: encryptionTypeName(encryptionType), keyVersion };
}

/** Reads successive big-endian values; reading past the end throws a RangeError. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) {
      throw new RangeError(`It ends early, after ${this.#bytes.length} bytes.`);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  int32(): number {
    return this.take(4).readInt32BE();
  }

  data(): Buffer {
    return this.take(this.uint32());
  }

  time(): Date {
    return new Date(this.uint32() * 1000);
  }

  count(what: string): number {
    const count = this.uint32();
    if (count > 1000) {
      throw new RangeError(`It claims ${count} ${what}.`);
    }
    return count;
  }
}
