import type { CachedTicket } from './credential-cache.ts';

/** Whether a ticket of a cache is the ticket-granting one. */
export function isTgt(ticket: CachedTicket): boolean {
  return ticket.server.startsWith('krbtgt/');
}

/** Whether a ticket is for this service. Active Directory matches names without regard to case, so do we. */
export function isFor(spn: string, ticket: CachedTicket): boolean {
  const [name] = ticket.server.split('@');
  return name?.toLowerCase() === spn.toLowerCase();
}
