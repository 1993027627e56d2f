import type { Credential } from '../credential.ts';
import { Key } from '../crypto/key.ts';
import { KerberosError } from '../errors/kerberos-error.ts';
import type { Principal } from '../principal.ts';

/** An address or an element of authorization data: a type number and octets. */
export interface TypedOctets {
  readonly type: number;
  readonly octets: Buffer;
}

/** One cached ticket. Its key may be of a type that this client does not support. */
export interface CachedCredential {
  readonly client: Principal;
  readonly server: Principal;
  /** Number of the session key's encryption type (18: aes256-cts-hmac-sha1-96, 23: arcfour-hmac). */
  readonly keyType: number;
  readonly key: Buffer;
  readonly authenticatedAt: Date;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly renewableUntil: Date | undefined;
  readonly isSessionKey: boolean;
  readonly flags: number;
  readonly addresses: readonly TypedOctets[];
  readonly authorizationData: readonly TypedOctets[];
  readonly ticket: Buffer;
  readonly secondTicket: Buffer;
}

/** A credential cache: its owner and the owner's tickets. */
export interface CredentialCache {
  readonly principal: Principal;
  /** Excludes the entries in which MIT Kerberos keeps its own settings (realm `X-CACHECONF:`). */
  readonly credentials: readonly CachedCredential[];
  /** Milliseconds to add to the local clock to get the KDC's time. */
  readonly clockOffset: number;
}

/** Converts a cached ticket for use. @throws KerberosError ENCRYPTION_TYPE_UNSUPPORTED, CREDENTIAL_CACHE_MALFORMED */
export function usable(cached: CachedCredential, clockOffset = 0): Credential {
  const { client, server, ticket, authenticatedAt, startsAt, endsAt, renewableUntil, flags } = cached;
  const key = keyOf(cached);
  const times = { authenticatedAt, startsAt, endsAt, renewableUntil };
  return { client, server, key, ticket, flags, clockOffset, ...times };
}

function keyOf({ keyType, key }: CachedCredential): Key {
  try {
    return new Key(keyType, key);
  } catch (error) {
    if (!(error instanceof KerberosError) || error.code !== 'MESSAGE_MALFORMED') throw error;
    throw new KerberosError('CREDENTIAL_CACHE_MALFORMED', error.message, { cause: error });
  }
}

/** Converts a ticket for writing to a cache. */
export function cacheable(credential: Credential): CachedCredential {
  const { client, server, ticket, authenticatedAt, startsAt, endsAt, renewableUntil, flags } = credential;
  return {
    ...{ client, server, ticket, flags, authenticatedAt, startsAt, endsAt, renewableUntil },
    keyType: credential.key.type.number,
    key: credential.key.octets,
    isSessionKey: false,
    addresses: [],
    authorizationData: [],
    secondTicket: Buffer.alloc(0),
  };
}
