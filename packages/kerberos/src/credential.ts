import type { Key } from './crypto/key.ts';
import { KerberosError } from './errors/kerberos-error.ts';
import { formatPrincipal, type Principal } from './principal.ts';

/** A ticket with its session key, and what the KDC says of it: all that is needed to use it. */
export interface Credential {
  readonly client: Principal;
  readonly server: Principal;
  readonly key: Key;
  /** As it came, sealed for the server. */
  readonly ticket: Buffer;
  readonly authenticatedAt: Date;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly renewableUntil: Date | undefined;
  /** TicketFlags (RFC 4120, section 5.3); bit 0 is the most significant one. */
  readonly flags: number;
  /** Milliseconds to add to our clock to have the KDC's; 0 when it is not known to differ. */
  readonly clockOffset: number;
}

/** A ticket whose start is a little ahead comes from a clock that is a little ahead (RFC 4120, section 3.2.3). */
export const clockSkew = 300_000;

/**
 * Acceptors let a ticket pass for some minutes after its end; a client must not count on it.
 *
 * @throws KerberosError TICKET_EXPIRED or TICKET_NOT_YET_VALID, with the time
 */
export function assertValidNow({ client, server, startsAt, endsAt, clockOffset }: Credential): void {
  const now = Date.now() + clockOffset;
  const ticket = () => `The ticket of ${formatPrincipal(client)} for ${formatPrincipal(server)}`;
  if (endsAt.getTime() <= now) {
    throw new KerberosError('TICKET_EXPIRED', `${ticket()} ended at ${endsAt.toISOString()}.`);
  }
  if (startsAt.getTime() > now + clockSkew) {
    throw new KerberosError('TICKET_NOT_YET_VALID', `${ticket()} begins at ${startsAt.toISOString()}.`);
  }
}
