import { log } from './effects.ts';
import { beginRefresh, failRefresh, finishRefresh, replaceTicket } from './refresh.ts';
import { beginRenewal, failRenewal, fetch, finishRenewal, publish } from './renewal.ts';
import { takeOver } from './start.ts';
import type { KeeperEvent, KeeperState, Moment, Rules, Step } from './state.ts';
import { unchanged, wait } from './steps.ts';

/**
 * Decides what follows from an event: the keeper's next state, the immediate effects, and the work to begin. An event
 * that does not belong to the phase changes nothing.
 */
export function next(state: KeeperState, event: KeeperEvent & Moment, rules: Rules): Step {
  if (state.phase.name === 'stopped') {
    return unchanged(state);
  }
  switch (event.type) {
    case 'stopped':
      return { state: { ...state, phase: { name: 'stopped' } }, effects: [] };
    case 'requested':
      return noteRequest(state, event);
    case 'failed':
      return fail(state, event, rules);
    default:
      return goOn(state, event, rules);
  }
}

/**
 * A request during an attempt causes another attempt after it, because the present one may have signed in too early.
 */
function noteRequest(state: KeeperState, event: { reason: string; repeat: boolean } & Moment): Step {
  const { reason, repeat, at } = event;
  return {
    state: { ...state, request: { repeat }, failures: 0, attemptAt: at },
    effects: [log('ticket.renewal-requested', { reason })],
  };
}

function fail(
  state: KeeperState,
  event: Extract<KeeperEvent, { type: 'failed' }> & Moment,
  rules: Rules,
): Step {
  const { phase } = state;
  switch (phase.name) {
    case 'preparing':
    case 'fetching':
    case 'publishing':
      return failRenewal(state, phase.attempt, event.failure, event);
    case 'refreshing':
    case 'replacing':
      return failRefresh(state, event.failure, event, rules);
    case 'discarding':
      // The next sign-in overwrites a TGT that could not be removed.
      return wait(state, []);
    default:
      return unchanged(state);
  }
}

function goOn(state: KeeperState, event: KeeperEvent & Moment, rules: Rules): Step {
  const { phase } = state;
  switch (phase.name) {
    case 'starting':
      return event.type === 'started' ? takeOver(state, event.found, event, rules) : unchanged(state);
    case 'waiting':
      return event.type === 'time-passed' ? begin(state, event) : unchanged(state);
    case 'preparing':
      return event.type === 'prepared' ? fetch(state, phase.attempt, event) : unchanged(state);
    case 'fetching':
      return event.type === 'fetched' ? publish(state, phase.attempt, event, rules) : unchanged(state);
    case 'publishing':
      return event.type === 'published' ? finishRenewal(state, phase, event, rules) : unchanged(state);
    case 'refreshing':
      return event.type === 'fetched' ? replaceTicket(state, event, rules) : unchanged(state);
    case 'replacing':
      return event.type === 'published' ? finishRefresh(state, phase.ticket, event, rules) : unchanged(state);
    case 'discarding':
      return event.type === 'discarded' ? wait(state, []) : unchanged(state);
    case 'stopped':
      return unchanged(state);
  }
}

function begin(state: KeeperState, moment: Moment): Step {
  return moment.at >= state.attemptAt ? beginRenewal(state, moment) : beginRefresh(state, moment);
}
