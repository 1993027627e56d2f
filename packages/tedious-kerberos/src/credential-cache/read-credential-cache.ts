import { readFile } from 'node:fs/promises';

/** What a credential cache says of a ticket. Keys and tickets themselves are not read. */
export interface CachedTicket {
  /** For example `MSSQLSvc/db.corp.example.com:1433@CORP.EXAMPLE.COM`. */
  readonly server: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Number of the session key's encryption type (18: aes256-cts-hmac-sha1-96, 23: arcfour-hmac). */
  readonly encryptionType: number;
}

export interface CredentialCache {
  /** The client, for example `db-user@CORP.EXAMPLE.COM`. */
  readonly principal: string;
  readonly tickets: readonly CachedTicket[];
}

/**
 * Reads names and times from a FILE credential cache, versions 3 and 4.
 *
 * @throws Error when the file is missing, may not be read, or is not a credential cache
 * @see https://web.mit.edu/kerberos/krb5-1.20/doc/formats/ccache_file_format.html
 */
export async function readCredentialCache(file: string): Promise<CredentialCache> {
  const content = await readFile(file);
  try {
    return parse(new Reader(content));
  } catch (cause) {
    if (cause instanceof RangeError) throw new Error(`${file} is not a credential cache.`, { cause });
    throw cause;
  }
}

function parse(reader: Reader): CredentialCache {
  const version = reader.uint16();
  if (version !== 0x0503 && version !== 0x0504) throw new RangeError('version');
  if (version === 0x0504) reader.skip(reader.uint16());
  const principal = reader.principal();
  const tickets: CachedTicket[] = [];
  while (!reader.done) tickets.push(credential(reader));
  // MIT Kerberos keeps notes of its own in the cache, under this realm.
  return { principal, tickets: tickets.filter(({ server }) => !server.endsWith('@X-CACHECONF:')) };
}

function credential(reader: Reader): CachedTicket {
  reader.principal();
  const server = reader.principal();
  const encryptionType = reader.uint16();
  reader.skip(reader.uint32());
  const authenticatedAt = reader.uint32();
  const startsAt = reader.uint32() || authenticatedAt;
  const endsAt = reader.uint32();
  reader.skip(4 + 1 + 4);
  for (let list = 0; list < 2; list += 1) {
    for (let count = reader.uint32(); count > 0; count -= 1) {
      reader.skip(2);
      reader.skip(reader.uint32());
    }
  }
  reader.skip(reader.uint32());
  reader.skip(reader.uint32());
  return { server, encryptionType, startsAt: new Date(startsAt * 1000), endsAt: new Date(endsAt * 1000) };
}

class Reader {
  readonly #content: Buffer;
  #position = 0;

  constructor(content: Buffer) {
    this.#content = content;
  }
  get done(): boolean {
    return this.#position >= this.#content.length;
  }
  uint16(): number {
    this.#position += 2;
    return this.#content.readUInt16BE(this.#position - 2);
  }
  uint32(): number {
    this.#position += 4;
    return this.#content.readUInt32BE(this.#position - 4);
  }
  skip(bytes: number): void {
    this.#position += bytes;
    if (this.#position > this.#content.length) throw new RangeError('end of file');
  }
  principal(): string {
    this.skip(4);
    const count = this.uint32();
    const realm = this.#text();
    const components: string[] = [];
    for (let index = 0; index < count; index += 1) components.push(this.#text());
    return `${components.join('/')}@${realm}`;
  }
  #text(): string {
    const length = this.uint32();
    this.skip(length);
    return this.#content.toString('utf8', this.#position - length, this.#position);
  }
}
