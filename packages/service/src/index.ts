/** What every service needs: settings, log, ticket status, access to SQL Server. */
export { readCertificateAuthorities } from './certificate-authorities.ts';
export { connectionTo } from './database.ts';
export { createLogger } from './logger.ts';
export { isOwnFault } from './own-faults.ts';
export { failureFields, foundationOf, runService } from './program.ts';
export { readTicketStatus, type TicketState, type TicketStatus } from './ticket-status.ts';
export { type Transience, transienceOf } from './transient-errors.ts';
