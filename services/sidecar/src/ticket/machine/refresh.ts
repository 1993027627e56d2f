import { TicketFailure } from '../../failures/ticket-failure.ts';
import { isValid, type Ticket } from '../ticket.ts';
import { log, noteKeyChange, noteRefresh } from './effects.ts';
import type { KeeperEvent, KeeperState, Moment, Rules, Step } from './state.ts';
import { isTgtSuspect, signInAgain, unchanged, wait } from './steps.ts';

/**
 * When the next refresh is due: up to a tenth early, so that a service's sidecars do not all ask at the same moment.
 */
export function refreshTime({ at, chance }: Moment, { refreshSeconds }: Rules): Date {
  return new Date(at.getTime() + refreshSeconds * 1000 * (1 - chance / 10));
}

/** Requests another service ticket if a refresh is due and the published ticket is still valid. */
export function beginRefresh(state: KeeperState, { at }: Moment): Step {
  const isTime = state.refreshAt !== undefined && at >= state.refreshAt && isValid(state.ticket, at);
  return isTime
    ? { state: { ...state, phase: { name: 'refreshing' } }, effects: [], work: { do: 'fetch' } }
    : unchanged(state);
}

/** Replaces the published ticket with the new one; a cache without a ticket fails the refresh. */
export function replaceTicket(
  state: KeeperState,
  event: Extract<KeeperEvent, { type: 'fetched' }> & Moment,
  rules: Rules,
): Step {
  const { ticket, cache } = event;
  return ticket
    ? {
        state: { ...state, phase: { name: 'replacing', ticket } },
        effects: [],
        work: { do: 'publish', cache },
      }
    : failRefresh(state, noTicketIn(rules), event, rules);
}

/** Ends a refresh. Renewal times stay as they are, because a refresh proves nothing about the password. */
export function finishRefresh(state: KeeperState, ticket: Ticket, moment: Moment, rules: Rules): Step {
  const refreshed = { ...state, ticket, refreshAt: refreshTime(moment, rules), refreshFailure: undefined };
  const hasOtherKey =
    ticket.keyVersion !== state.ticket?.keyVersion || ticket.encryptionType !== state.ticket?.encryptionType;
  return wait(
    refreshed,
    hasOtherKey ? noteKeyChange(state.ticket, ticket, state.dueAt) : noteRefresh(ticket),
  );
}

/** Keeps the published ticket; logs the same cause only once, not every few seconds. */
export function failRefresh(state: KeeperState, failure: TicketFailure, moment: Moment, rules: Rules): Step {
  if (state.phase.name === 'refreshing' && isTgtSuspect(failure)) {
    return signInAgain(state, failure, moment);
  }
  const { code, kerberosError, message: explanation } = failure;
  const isNews = code !== state.refreshFailure;
  return wait({ ...state, refreshAt: refreshTime(moment, rules), refreshFailure: code }, [
    { do: 'count-refresh-failure', code },
    ...(isNews ? [log('ticket.refresh-failed', { code, kerberosError, explanation })] : []),
  ]);
}

export function noTicketIn({ spn }: Rules): TicketFailure {
  return new TicketFailure('unexpected', `kvno gave a cache without a ticket for ${spn}`);
}
