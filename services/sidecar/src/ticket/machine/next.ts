import { TicketFailure } from '../../failures/ticket-failure.ts';
import { backOff } from '../back-off.ts';
import { renewalTime } from '../renewal-time.ts';
import { isValid, type Ticket } from '../ticket.ts';
import { log, notePublished, noteRetry } from './effects.ts';
import type { Attempt, Effect, FoundTicket, KeeperEvent, KeeperState, Moment, Rules, Step } from './state.ts';

/** The TGT is of no more use after these; it is obtained again at the next try. */
const spoiltTgt = ['ticket-expired', 'cache-missing', 'cache-corrupt'];

/** Milliseconds between two renewals, however short the directory makes the tickets. */
const shortestWait = 1000;

export function startingState(at: Date): KeeperState {
  return {
    phase: { name: 'starting' },
    ticket: undefined,
    dueAt: at,
    attemptAt: at,
    failures: 0,
    request: undefined,
    isUnpublished: false,
    passwordFailed: false,
  };
}

/**
 * What follows when something happens: the keeper's next state, what is to be done at once, and the work to begin.
 * An event that does not belong to the phase changes nothing.
 */
export function next(state: KeeperState, event: KeeperEvent & Moment, rules: Rules): Step {
  const { phase } = state;
  if (phase.name !== 'stopped') {
    if (event.type === 'stopped') {
      return { state: { ...state, phase: { name: 'stopped' } }, effects: [] };
    }
    if (event.type === 'requested') {
      return noteRequest(state, event);
    }
    if (event.type === 'failed' && 'attempt' in phase) {
      return fail(state, phase.attempt, event.failure, event);
    }
  }
  switch (phase.name) {
    case 'starting':
      return event.type === 'started' ? takeOver(state, event.found, event, rules) : unchanged(state);
    case 'waiting':
      return event.type === 'time-passed' ? begin(state, event.at, rules) : unchanged(state);
    case 'preparing':
      return event.type === 'prepared' ? fetch(state, phase.attempt, event) : unchanged(state);
    case 'fetching':
      return event.type === 'fetched' ? publish(state, phase.attempt, event, rules) : unchanged(state);
    case 'publishing':
      return event.type === 'published' ? finishPublication(state, phase, event, rules) : unchanged(state);
    case 'discarding':
      return event.type === 'discarded' ? wait(state, []) : unchanged(state);
    case 'stopped':
      return unchanged(state);
  }
}

function unchanged(state: KeeperState): Step {
  return { state, effects: [] };
}

function wait(state: KeeperState, effects: readonly Effect[]): Step {
  return { state: { ...state, phase: { name: 'waiting' } }, effects };
}

/** A request that comes during an attempt has it followed by another: its sign-in may have been too early. */
function noteRequest(state: KeeperState, event: { reason: string; repeat: boolean } & Moment): Step {
  const { reason, repeat, at } = event;
  return {
    state: { ...state, request: { repeat }, failures: 0, attemptAt: at },
    effects: [log('ticket.renewal-requested', { reason })],
  };
}

function takeOver(state: KeeperState, found: FoundTicket | undefined, moment: Moment, rules: Rules): Step {
  const { principal, renewAt } = rules;
  const isOurs = principal === undefined || found?.ticket.principal === principal;
  if (!found || !isOurs || !isValid(found.ticket, moment.at)) {
    return wait(state, []);
  }
  const { ticket } = found;
  const dueAt = renewalTime(ticket, renewAt, moment.chance);
  const attemptAt = state.request ? state.attemptAt : dueAt;
  return wait({ ...state, ticket, dueAt, attemptAt }, [
    { do: 'adopt', found },
    log('ticket.adopted', { endsAt: ticket.endsAt.toISOString(), renewsAt: dueAt.toISOString() }),
  ]);
}

function begin(state: KeeperState, at: Date, { ticketMode }: Rules): Step {
  const { request, ticket, dueAt, attemptAt, passwordFailed } = state;
  if (at < attemptAt) {
    return unchanged(state);
  }
  const isDue = at >= dueAt || !isValid(ticket, at);
  // In this mode kvno hands out the service ticket that is in the TGT's cache already, so the TGT must be new.
  const newTgt = isDue && ticketMode === 'tgt';
  return {
    state: { ...state, request: undefined, phase: { name: 'preparing', attempt: { request, isDue } } },
    effects: [],
    work: {
      do: 'prepare',
      withPassword: newTgt || request !== undefined || passwordFailed,
      repeat: request?.repeat ?? false,
    },
  };
}

function fetch(
  state: KeeperState,
  { request, isDue }: Attempt,
  { replaced, problem, at, chance }: Extract<KeeperEvent, { type: 'prepared' }> & Moment,
): Step {
  // A sign-in meets the request; an operator's leave to repeat a password is good for one sign-in.
  const attempt = { request: problem && request && { repeat: false }, isDue, problem };
  const isUnpublished = state.isUnpublished || replaced || isDue;
  const prepared = { ...state, isUnpublished };
  return isUnpublished
    ? { state: { ...prepared, phase: { name: 'fetching', attempt } }, effects: [], work: { do: 'fetch' } }
    : finish(prepared, attempt, { at, chance }, []);
}

function publish(
  state: KeeperState,
  attempt: Attempt,
  { ticket, cache, at, chance }: Extract<KeeperEvent, { type: 'fetched' }> & Moment,
  { spn }: Rules,
): Step {
  return ticket
    ? {
        state: { ...state, phase: { name: 'publishing', attempt, ticket } },
        effects: [],
        work: { do: 'publish', cache },
      }
    : fail(state, attempt, new TicketFailure('unexpected', `kvno gave a cache without a ticket for ${spn}`), {
        at,
        chance,
      });
}

function finishPublication(
  state: KeeperState,
  { attempt, ticket }: { readonly attempt: Attempt; readonly ticket: Ticket },
  moment: Moment,
  { renewAt }: Rules,
): Step {
  const dueAt = renewalTime(ticket, renewAt, moment.chance);
  return finish(
    { ...state, ticket, dueAt, isUnpublished: false },
    attempt,
    moment,
    notePublished(ticket, dueAt),
  );
}

/** The attempt is over, and there is a good ticket, although perhaps no sign-in. */
function finish(
  state: KeeperState,
  { request, problem }: Attempt,
  { at, chance }: Moment,
  effects: readonly Effect[],
): Step {
  const done: readonly Effect[] = [
    ...effects,
    { do: 'note-problem', place: 'renewal', failure: undefined },
    { do: 'note-problem', place: 'password', failure: problem },
  ];
  const passwordFailed = problem !== undefined;
  if (problem) {
    return retry({ ...state, passwordFailed }, request, problem, { at, chance }, done);
  }
  const after = new Date(Math.max(state.dueAt.getTime(), at.getTime() + shortestWait));
  return wait({ ...state, passwordFailed, failures: 0, attemptAt: state.request ? at : after }, done);
}

function fail(state: KeeperState, attempt: Attempt, failure: TicketFailure, moment: Moment): Step {
  const request = attempt.request && { repeat: false };
  const step = retry(state, request, failure, moment, [{ do: 'note-problem', place: 'renewal', failure }]);
  return spoiltTgt.includes(failure.code)
    ? { ...step, state: { ...step.state, phase: { name: 'discarding' } }, work: { do: 'discard' } }
    : step;
}

/** Waits for a while, longer with each failure; a request that came during the attempt is served at once. */
function retry(
  state: KeeperState,
  unmet: Attempt['request'],
  failure: TicketFailure,
  { at, chance }: Moment,
  effects: readonly Effect[],
): Step {
  const failures = state.failures + 1;
  const pause = backOff(failures, chance);
  const attemptAt = state.request ? at : new Date(at.getTime() + pause);
  return wait({ ...state, failures, attemptAt, request: state.request ?? unmet }, [
    ...effects,
    ...noteRetry(failure, failures, pause),
  ]);
}
