export type { FailureCode } from './failures/failure-catalogue.ts';
export type { TicketState, TicketStatus } from './publication/ticket-status.ts';
export { type EventName, events } from './signals/events.ts';
