import type { TicketFailure } from '../../failures/ticket-failure.ts';
import { backOff } from '../back-off.ts';
import { renewalTime } from '../renewal-time.ts';
import { isValid, type Ticket } from '../ticket.ts';
import { notePublished, noteRetry } from './effects.ts';
import { noTicketIn, refreshTime } from './refresh.ts';
import type { Attempt, Effect, KeeperEvent, KeeperState, Moment, Rules, Step } from './state.ts';
import { discardTgt, isTgtSuspect, signInAgain, wait } from './steps.ts';

/** After these failures, the TGT is useless, whichever step they occur in. */
const spoiltTgt = ['ticket-expired', 'cache-missing', 'cache-corrupt'];

/** The least time between two renewals, in milliseconds, however short the directory makes the tickets. */
const shortestWait = 1000;

/** Starts a renewal by making sure that there is a usable TGT. */
export function beginRenewal(state: KeeperState, { at }: Moment): Step {
  const { request, ticket, dueAt, passwordFailed } = state;
  const isDue = at >= dueAt || !isValid(ticket, at);
  return {
    state: { ...state, request: undefined, phase: { name: 'preparing', attempt: { request, isDue } } },
    effects: [],
    work: {
      do: 'prepare',
      withPassword: request !== undefined || passwordFailed,
      repeat: request?.repeat ?? false,
      isUrgent: !isValid(ticket, at),
    },
  };
}

/** Requests a service ticket with the prepared TGT, or ends the attempt if the published ticket is still good. */
export function fetch(
  state: KeeperState,
  { request, isDue }: Attempt,
  { replaced, problem, at, chance }: Extract<KeeperEvent, { type: 'prepared' }> & Moment,
): Step {
  // A sign-in fulfils the request; an operator's permission to repeat a password is good for one sign-in.
  const unmet = problem && request && { repeat: false };
  const attempt = { request: unmet, isDue, problem, hasNewTgt: replaced };
  const isUnpublished = state.isUnpublished || replaced || isDue;
  const prepared = { ...state, isUnpublished };
  return isUnpublished
    ? {
        state: { ...prepared, refreshAt: undefined, phase: { name: 'fetching', attempt } },
        effects: [],
        work: { do: 'fetch' },
      }
    : finish(prepared, attempt, { at, chance }, []);
}

/** Publishes the new ticket; a cache without one fails the attempt. */
export function publish(
  state: KeeperState,
  attempt: Attempt,
  { ticket, cache, at, chance }: Extract<KeeperEvent, { type: 'fetched' }> & Moment,
  rules: Rules,
): Step {
  return ticket
    ? {
        state: { ...state, phase: { name: 'publishing', attempt, ticket } },
        effects: [],
        work: { do: 'publish', cache },
      }
    : failRenewal(state, attempt, noTicketIn(rules), { at, chance });
}

/** Records the published ticket, and schedules its renewal and its refresh. */
export function finishRenewal(
  state: KeeperState,
  { attempt, ticket }: { readonly attempt: Attempt; readonly ticket: Ticket },
  moment: Moment,
  rules: Rules,
): Step {
  const dueAt = renewalTime(ticket, rules.renewAt, moment.chance);
  const refreshAt = refreshTime(moment, rules);
  return finish(
    { ...state, ticket, dueAt, refreshAt, isUnpublished: false },
    attempt,
    moment,
    notePublished(ticket, dueAt),
  );
}

/** Ends an attempt with a good ticket, although perhaps without a sign-in. */
function finish(
  state: KeeperState,
  { request, problem }: Attempt,
  { at, chance }: Moment,
  effects: readonly Effect[],
): Step {
  const done: readonly Effect[] = [
    ...effects,
    { do: 'note-problem', source: 'renewal', failure: undefined },
    { do: 'note-problem', source: 'password', failure: problem },
  ];
  const passwordFailed = problem !== undefined;
  if (problem) {
    return retry({ ...state, passwordFailed }, request, problem, { at, chance }, done);
  }
  const after = new Date(Math.max(state.dueAt.getTime(), at.getTime() + shortestWait));
  return wait({ ...state, passwordFailed, failures: 0, attemptAt: state.request ? at : after }, done);
}

/**
 * Schedules another attempt, and discards the TGT if it may be the cause. If the fetch failed with an older TGT, signs
 * in and fetches again immediately.
 */
export function failRenewal(
  state: KeeperState,
  { request, hasNewTgt }: Attempt,
  failure: TicketFailure,
  moment: Moment,
): Step {
  const isTgtBad = state.phase.name === 'fetching' ? isTgtSuspect(failure) : spoiltTgt.includes(failure.code);
  if (isTgtBad && state.phase.name === 'fetching' && !hasNewTgt) {
    return signInAgain(state, failure, moment);
  }
  const unmet = request && { repeat: false };
  const step = retry(state, unmet, failure, moment, [{ do: 'note-problem', source: 'renewal', failure }]);
  return isTgtBad ? discardTgt(step.state, step.effects) : step;
}

/** Waits before the next attempt, longer with each failure; serves a request from during the attempt immediately. */
function retry(
  state: KeeperState,
  unmet: Attempt['request'],
  failure: TicketFailure,
  { at, chance }: Moment,
  effects: readonly Effect[],
): Step {
  const failures = state.failures + 1;
  // Waiting longer than until the password may be tried again would serve no purpose.
  const rest = (failure.retryAt?.getTime() ?? 0) - at.getTime();
  const pause = rest > 0 ? Math.min(backOff(failures, chance), rest) : backOff(failures, chance);
  const attemptAt = state.request ? at : new Date(at.getTime() + pause);
  return wait({ ...state, failures, attemptAt, request: state.request ?? unmet }, [
    ...effects,
    ...noteRetry(failure, failures, pause),
  ]);
}
