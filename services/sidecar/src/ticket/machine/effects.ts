import type { TicketFailure } from '../../failures/ticket-failure.ts';
import { isWeakEncryption } from '../../kerberos/encryption-type.ts';
import type { EventName } from '../../signals/events.ts';
import type { Ticket } from '../ticket.ts';
import type { Effect } from './state.ts';

/** A clock that differs by more than this many seconds is worth a warning; Kerberos refuses 300. */
const noticeableOffset = 60;

export function log(event: EventName, fields: Readonly<Record<string, unknown>>): Effect {
  return { do: 'log', event, fields };
}

/** A ticket was published: it is noted, told and counted, with what is odd about it. */
export function notePublished(ticket: Ticket, renewsAt: Date): readonly Effect[] {
  const { principal, spn, endsAt, encryptionType, clockOffset } = ticket;
  return [
    { do: 'note-ticket', ticket },
    log('ticket.published', {
      principal,
      spn,
      endsAt: endsAt.toISOString(),
      renewsAt: renewsAt.toISOString(),
      encryptionType,
    }),
    { do: 'count-renewal', encryptionType },
    ...(isWeakEncryption(encryptionType) ? [log('ticket.weak-encryption', { encryptionType })] : []),
    ...(Math.abs(clockOffset) > noticeableOffset ? [log('clock.skewed', { seconds: clockOffset })] : []),
  ];
}

/** Something failed and is tried again after a pause, in milliseconds. */
export function noteRetry(failure: TicketFailure, failures: number, pause: number): readonly Effect[] {
  const { code, kerberosError, message: explanation } = failure;
  return [
    { do: 'count-failure', code, kerberosError },
    log('ticket.renewal-failed', {
      code,
      kerberosError,
      explanation,
      failures,
      retryInSeconds: pause / 1000,
    }),
  ];
}
