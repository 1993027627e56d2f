import { type CredentialCacheWatch, unseen } from '../credential-cache/watch-credential-cache.ts';
import type { LoginErrorCode } from '../errors/codes.ts';
import { LoginError } from '../errors/login-error.ts';

/** The ticket is missing or has expired, so it is worth waiting for the next one. */
const nextTicketHelps: ReadonlySet<LoginErrorCode> = new Set([
  'CCACHE_NOT_FOUND',
  'CCACHE_UNREADABLE',
  'CCACHE_CORRUPT',
  'TICKET_EXPIRED',
  'TICKET_MISSING',
]);

/**
 * The ticket may have been issued before a key or password changed (as may be the case behind an unrecognised Kerberos
 * error), so a retry is worthwhile only if there is a newer ticket.
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
 * Logs in. If that fails for lack of a valid ticket, waits for the next ticket and tries once more, until the signal is
 * aborted. A cache that is not a file cannot be watched, so the login is then retried every half second.
 *
 * @throws LoginError of the first attempt if no other ticket came, otherwise of the last
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
