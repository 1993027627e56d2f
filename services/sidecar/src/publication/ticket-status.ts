import type { FailureCode } from '../failures/failure-catalogue.ts';
import type { TicketFailure } from '../failures/ticket-failure.ts';
import type { Ticket } from '../ticket/ticket.ts';

/**
 * - `starting`: no ticket yet, and nothing has failed
 * - `healthy`: a valid service ticket is published
 * - `degraded`: a valid service ticket is published, but renewing it fails
 * - `unhealthy`: no valid service ticket is published
 */
export type TicketState = 'starting' | 'healthy' | 'degraded' | 'unhealthy';

/** The content of `ticket.json`. Times are ISO 8601 in UTC, by this machine's clock. */
export interface TicketStatus {
  readonly state: TicketState;
  readonly principal: string | null;
  readonly spn: string;
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly encryptionType: string | null;
  /** Grows by one with each ticket published in this folder. */
  readonly generation: number;
  readonly lastError: { readonly code: FailureCode; readonly message: string; readonly at: string } | null;
}

/** A failure that has not been overcome, and when it was met. */
export interface Problem {
  readonly failure: TicketFailure;
  readonly at: Date;
}

/** What the status is made of. */
export interface Standing {
  readonly state: TicketState;
  readonly spn: string;
  readonly generation: number;
  readonly ticket?: Ticket | undefined;
  readonly problem?: Problem | undefined;
}

export function ticketStatus({ state, spn, generation, ticket, problem }: Standing): TicketStatus {
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
