import { type CredentialCacheWatch, unseen } from '../credential-cache/watch-credential-cache.ts';
import type { LoginErrorCode } from '../errors/codes.ts';
import { LoginError } from '../errors/login-error.ts';

/** A ticket is missing or has ended, so the next one will do: worth waiting for. */
const nextTicketHelps: ReadonlySet<LoginErrorCode> = new Set([
  'CCACHE_NOT_FOUND',
  'CCACHE_UNREADABLE',
  'CCACHE_CORRUPT',
  'TICKET_EXPIRED',
  'TICKET_MISSING',
]);

/**
 * May be due to a ticket made before a key or password was changed, as may what Kerberos says in words that nobody here
 * knows: worth a try only if there is a newer one.
 */
const newerTicketMayHelp: ReadonlySet<LoginErrorCode> = new Set([
  'TICKET_REFUSED',
  'UNTRUSTED_DOMAIN',
  'LOGIN_REFUSED',
  'CLOCK_SKEW',
  'ENCRYPTION_TYPE_UNSUPPORTED',
  'GSS_FAILED',
]);

/**
 * Logs in; if that fails for want of a good ticket, waits for the next ticket and tries once more, within the signal.
 * Of a cache that cannot be looked at only another try tells, so it is tried every half second.
 *
 * @throws LoginError of the first try when no other ticket came, otherwise of the second
 */
export async function connectWithNextTicket<T>(
  connect: (signal: AbortSignal) => Promise<T>,
  cache: CredentialCacheWatch | undefined,
  signal: AbortSignal,
): Promise<T> {
  const before = await cache?.version();
  try {
    return await connect(signal);
  } catch (error) {
    if (!cache || before === undefined || !(error instanceof LoginError)) throw error;
    if (nextTicketHelps.has(error.code)) {
      await cache.changedFrom(before, signal).catch(() => {
        throw error;
      });
      if (before === unseen) return connectWithNextTicket(connect, cache, signal);
    } else if (!newerTicketMayHelp.has(error.code) || (await cache.version()) === before) {
      throw error;
    }
    return connect(signal);
  }
}
