import { renewalTime } from '../renewal-time.ts';
import { isValid } from '../ticket.ts';
import { log } from './effects.ts';
import { refreshTime } from './refresh.ts';
import type { FoundTicket, KeeperState, Moment, Rules, Step } from './state.ts';
import { wait } from './steps.ts';

/** The initial state: no ticket, and a renewal that is due immediately. */
export function startingState(at: Date): KeeperState {
  return {
    phase: { name: 'starting' },
    ticket: undefined,
    dueAt: at,
    attemptAt: at,
    refreshAt: undefined,
    refreshFailure: undefined,
    failures: 0,
    request: undefined,
    isUnpublished: false,
    passwordFailed: false,
  };
}

/** Takes over the ticket that an earlier run published, if it is this user's and still valid. */
export function takeOver(
  state: KeeperState,
  found: FoundTicket | undefined,
  moment: Moment,
  rules: Rules,
): Step {
  const { principal, renewAt } = rules;
  const isOurs = principal === undefined || found?.ticket.principal === principal;
  if (!found || !isOurs || !isValid(found.ticket, moment.at)) {
    return wait(state, []);
  }
  const { ticket } = found;
  const dueAt = renewalTime(ticket, renewAt, moment.chance);
  const attemptAt = state.request ? state.attemptAt : dueAt;
  return wait({ ...state, ticket, dueAt, attemptAt, refreshAt: refreshTime(moment, rules) }, [
    { do: 'adopt', found },
    log('ticket.adopted', { endsAt: ticket.endsAt.toISOString(), renewsAt: dueAt.toISOString() }),
  ]);
}
