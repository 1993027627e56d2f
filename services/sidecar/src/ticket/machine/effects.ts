import type { TicketFailure } from '../../failures/ticket-failure.ts';
import { isWeakEncryption } from '../../kerberos/encryption-type.ts';
import type { EventName } from '../../signals/events.ts';
import type { Ticket } from '../ticket.ts';
import type { Effect } from './state.ts';

/** Seconds of clock difference that deserve a warning; Kerberos refuses more than 300. */
const noticeableOffset = 60;

export function log(event: EventName, fields: Readonly<Record<string, unknown>>): Effect {
  return { do: 'log', event, fields };
}

/** Effects of publishing a ticket: records, logs and counts it, with a warning of weak encryption or a wrong clock. */
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

/** Effects of replacing the published ticket with an equivalent one. */
export function noteRefresh(ticket: Ticket): readonly Effect[] {
  return [{ do: 'note-ticket', ticket }, log('ticket.refreshed', { endsAt: ticket.endsAt.toISOString() })];
}

/** Effects of publishing a ticket for another key of the SQL Server's account than before. */
export function noteKeyChange(before: Ticket | undefined, ticket: Ticket, renewsAt: Date): readonly Effect[] {
  const key = (of: Ticket | undefined) =>
    of && { keyVersion: of.keyVersion, encryptionType: of.encryptionType };
  return [
    log('ticket.key-changed', { from: key(before), to: key(ticket) }),
    { do: 'count-key-change' },
    ...notePublished(ticket, renewsAt),
  ];
}

/** Effects of a failure after which there is a retry; `pause` is in milliseconds. */
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
