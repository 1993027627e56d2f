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
  const { principal, spn, endsAt, encryptionType, keyVersion, clockOffset } = ticket;
  return [
    { do: 'note-ticket', ticket },
    log('ticket.published', {
      principal,
      spn,
      endsAt: endsAt.toISOString(),
      renewsAt: renewsAt.toISOString(),
      encryptionType,
      keyVersion,
    }),
    { do: 'count-renewal', encryptionType },
    ...(isWeakEncryption(encryptionType) ? [log('ticket.weak-encryption', { encryptionType })] : []),
    ...(Math.abs(clockOffset) > noticeableOffset ? [log('clock.skewed', { seconds: clockOffset })] : []),
  ];
}

/** A ticket was put in the place of one that is as good. */
export function noteRefresh(ticket: Ticket): readonly Effect[] {
  return [{ do: 'note-ticket', ticket }, log('ticket.refreshed', { endsAt: ticket.endsAt.toISOString() })];
}

/** The SQL Server's account has another key than the ticket that was published until now. */
export function noteKeyChange(before: Ticket | undefined, ticket: Ticket, renewsAt: Date): readonly Effect[] {
  const key = (of: Ticket | undefined) =>
    of && { keyVersion: of.keyVersion, encryptionType: of.encryptionType };
  return [
    log('ticket.key-changed', { from: key(before), to: key(ticket) }),
    { do: 'count-key-change' },
    ...notePublished(ticket, renewsAt),
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
