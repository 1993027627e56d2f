import { parseCredentialCache } from '../kerberos/credential-cache.ts';
import type { ServicePrincipal } from '../kerberos/service-principal.ts';

/** A service ticket for the SQL Server. Times are by this machine's clock. */
export interface Ticket {
  readonly principal: string;
  readonly spn: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly encryptionType: string;
  /** The version of the server's key that encrypts it, if the domain controller included it. */
  readonly keyVersion: number | undefined;
  /** Seconds by which the domain controller's clock is ahead of this machine's, if MIT noticed it. */
  readonly clockOffset: number;
}

/**
 * The service ticket for a server in the bytes of a FILE cache. Compares names with case, as GSSAPI does.
 * @returns `undefined` if the cache has none
 * @throws TicketFailure `cache-corrupt`
 */
export function serviceTicketIn(cache: Buffer, server: ServicePrincipal): Ticket | undefined {
  const { tickets, clockOffset } = parseCredentialCache(cache);
  const found = tickets.find((ticket) => ticket.server === server.principal);
  return (
    found && {
      principal: found.client,
      spn: server.spn,
      startsAt: localTime(found.startsAt, clockOffset),
      endsAt: localTime(found.endsAt, clockOffset),
      encryptionType: found.encryptionType,
      keyVersion: found.keyVersion,
      clockOffset,
    }
  );
}

/** Converts a domain controller's time to this machine's clock. */
export function localTime(time: Date, clockOffset: number): Date {
  return new Date(time.getTime() - clockOffset * 1000);
}

/** Whether a ticket can be used now. */
export function isValid(ticket: Ticket | undefined, now: Date): boolean {
  return ticket !== undefined && now < ticket.endsAt;
}
