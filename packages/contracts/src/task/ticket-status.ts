import * as z from 'zod/mini';

/** ISO 8601 with an offset. */
const time = z.iso.datetime({ offset: true });

/** The content of `ticket.json`. Times are from the sidecar's clock. */
export const ticketStatusSchema = z.object({
  /**
   * - `starting`: no ticket yet, and nothing has failed
   * - `healthy`: a valid service ticket is published
   * - `degraded`: a valid service ticket is published, but renewing it fails
   * - `unhealthy`: no valid service ticket is published
   */
  state: z.enum(['starting', 'healthy', 'degraded', 'unhealthy']),
  principal: z.nullable(z.string()),
  spn: z.string(),
  startsAt: z.nullable(time),
  endsAt: z.nullable(time),
  encryptionType: z.nullable(z.string()),
  /** Incremented with each ticket published in this folder. */
  generation: z.number(),
  lastError: z.nullable(z.object({ code: z.string(), message: z.string(), at: time })),
});

export type TicketStatus = Readonly<z.output<typeof ticketStatusSchema>>;
export type TicketState = TicketStatus['state'];
