import type { Key } from './crypto/key.ts';
import { KerberosError } from './errors/kerberos-error.ts';
import { formatPrincipal, type Principal } from './principal.ts';

/** A ticket with its session key and the KDC's statements about it: all that is needed to use it. */
export interface Credential {
  readonly client: Principal;
  readonly server: Principal;
  readonly key: Key;
  /** As received, encrypted for the server. */
  readonly ticket: Buffer;
  readonly authenticatedAt: Date;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly renewableUntil: Date | undefined;
  /** TicketFlags (RFC 4120, section 5.3); bit 0 is the most significant one. */
  readonly flags: number;
  /** Milliseconds to add to the local clock to get the KDC's time; 0 if no difference is known. */
  readonly clockOffset: number;
}

/** A start time slightly in the future means that the KDC's clock is slightly ahead (RFC 4120, section 3.2.3). */
export const clockSkew = 300_000;

/**
 * Throws unless the ticket is valid now. Acceptors accept a ticket for some minutes after its end; a client must not
 * rely on that.
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
