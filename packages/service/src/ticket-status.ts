import { readFile } from 'node:fs/promises';
import { type TicketStatus as TicketFile, ticketStatusSchema } from '@packages/contracts';

/** `good` until it expires; `missing` before the sidecar's first ticket; `unreadable` if the status file is invalid. */
export type TicketState = 'good' | 'expired' | 'missing' | 'unreadable';

/** What a service knows about its ticket: its times, not its content. */
export interface TicketStatus {
  readonly state: TicketState;
  readonly startsAt?: Date | undefined;
  readonly endsAt?: Date | undefined;
  /** Seconds until the ticket expires; 0 once it has expired. */
  readonly remainingSeconds?: number | undefined;
}

/**
 * Reads the state of the ticket from the sidecar's status file. The file is read at every call, because each renewal
 * replaces it. Does not reject: a file that cannot be read gives the state `unreadable`.
 *
 * @param path path of `ticket.json`
 * @param now the current time
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
