import type { TicketSource } from 'kerberos-client';

/** Where the tickets of logins come from: a credential cache, or what somebody has in memory. */
export type Tickets = Pick<TicketSource, 'ticketFor' | 'kdcClient'>;
