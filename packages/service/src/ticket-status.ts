import { readFile } from 'node:fs/promises';
import { type TicketStatus as TicketFile, ticketStatusSchema } from '@packages/contracts';

/** `good` while it lasts; `missing` before the sidecar's first one; `unreadable` if the file breaks its contract. */
export type TicketState = 'good' | 'expired' | 'missing' | 'unreadable';

/** The ticket as a service sees it: its times, not its content. */
export interface TicketStatus {
  readonly state: TicketState;
  readonly startsAt?: Date | undefined;
  readonly endsAt?: Date | undefined;
  /** Seconds that the ticket still lives, 0 once it has expired. */
  readonly remainingSeconds?: number | undefined;
}

/**
 * Tells the ticket's state from the sidecar's status file. Read at every call, as the file is replaced at each renewal.
 * Never rejects: what cannot be read is a state too.
 *
 * @param path of `ticket.json`
 * @param now the time to judge it by
 */
export async function readTicketStatus(path: string, now = new Date()): Promise<TicketStatus> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    return { state: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable' };
  }
  const ticket = parse(content);
  if (!ticket) return { state: 'unreadable' };
  if (!ticket.endsAt) return { state: 'missing' };
  const endsAt = new Date(ticket.endsAt);
  const remainingSeconds = Math.max(0, Math.floor((endsAt.getTime() - now.getTime()) / 1000));
  return {
    state: remainingSeconds > 0 ? 'good' : 'expired',
    startsAt: ticket.startsAt ? new Date(ticket.startsAt) : undefined,
    endsAt,
    remainingSeconds,
  };
}

function parse(content: string): TicketFile | undefined {
  try {
    return ticketStatusSchema.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}
