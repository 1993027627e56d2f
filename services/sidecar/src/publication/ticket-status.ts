import type { TicketState, TicketStatus } from '@packages/contracts';
import type { TicketFailure } from '../failures/ticket-failure.ts';
import type { Ticket } from '../ticket/ticket.ts';

export type { TicketState, TicketStatus };

/** A failure that has not been overcome, and when it happened. */
export interface Problem {
  readonly failure: TicketFailure;
  readonly at: Date;
}

/** The input for the status. */
export interface TicketFacts {
  readonly state: TicketState;
  readonly spn: string;
  readonly generation: number;
  readonly ticket?: Ticket | undefined;
  readonly problem?: Problem | undefined;
}

/** The content of `ticket.json`. Times are ISO 8601 in UTC, by this machine's clock. */
export function ticketStatus({ state, spn, generation, ticket, problem }: TicketFacts): TicketStatus {
  return {
    state,
    principal: ticket?.principal ?? null,
    spn,
    startsAt: ticket?.startsAt.toISOString() ?? null,
    endsAt: ticket?.endsAt.toISOString() ?? null,
    encryptionType: ticket?.encryptionType ?? null,
    generation,
    lastError: problem
      ? { code: problem.failure.code, message: problem.failure.message, at: problem.at.toISOString() }
      : null,
  };
}
