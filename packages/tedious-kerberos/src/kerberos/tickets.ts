import type { TicketSource } from 'kerberos-client';

/** The source of tickets: a credential cache or an implementation in memory. */
export type Tickets = Pick<TicketSource, 'ticketFor' | 'kdcClient'>;
