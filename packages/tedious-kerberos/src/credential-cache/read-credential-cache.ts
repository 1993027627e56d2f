import { readFile, stat } from 'node:fs/promises';
import { formatPrincipal, parseCredentialCache } from 'kerberos-client';

/** A ticket's entry in a credential cache. */
export interface CachedTicket {
  /** Service principal, for example `MSSQLSvc/db.corp.example.com:1433@CORP.EXAMPLE.COM`. */
  readonly server: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Encryption type of the session key, as a number (18: aes256-cts-hmac-sha1-96, 23: arcfour-hmac). */
  readonly encryptionType: number;
}

export interface CredentialCache {
  /** The client principal, for example `db-user@CORP.EXAMPLE.COM`. */
  readonly principal: string;
  readonly tickets: readonly CachedTicket[];
}

/**
 * Reads names and times from a FILE credential cache, versions 3 and 4. Returns neither keys nor the tickets themselves.
 *
 * @throws Error if the file is missing, cannot be read or is not a credential cache
 */
export async function readCredentialCache(file: string): Promise<CredentialCache> {
  // Reading a named pipe could block.
  if (!(await stat(file)).isFile()) throw new Error(`${file} is not a credential cache.`);
  const { principal, credentials } = parse(await readFile(file), file);
  const tickets = credentials.map(({ server, startsAt, endsAt, keyType }) => ({
    server: formatPrincipal(server),
    startsAt,
    endsAt,
    encryptionType: keyType,
  }));
  return { principal: formatPrincipal(principal), tickets };
}

function parse(content: Buffer, file: string) {
  try {
    return parseCredentialCache(content);
  } catch (cause) {
    throw new Error(`${file} is not a credential cache.`, { cause });
  }
}
