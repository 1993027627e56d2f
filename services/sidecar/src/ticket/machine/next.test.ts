import { describe, expect, test } from 'vitest';
import {
  after,
  attempt,
  cache,
  events,
  inPhase,
  newTicket,
  phases,
  refused,
  rules,
  sampleTicket,
  ticket,
  told,
  unreachable,
} from '../../../test/sample-states.ts';
import { TicketFailure } from '../../failures/ticket-failure.ts';
import { next } from './next.ts';
import type { KeeperEvent, KeeperState, Phase, Rules } from './state.ts';

type PhaseName = Phase['name'];
type EventType = KeeperEvent['type'];

/** Takes one step at 50 s, with chance 0. */
function step(state: KeeperState, event: KeeperEvent, more: Partial<Rules> = {}, at = after(50)) {
  return next(state, { ...event, at, chance: 0 }, { ...rules, ...more });
}

const publication = ['note-ticket', 'ticket.published', 'count-renewal'];
const overcome = ['renewal: none', 'password: none'];
const failed = ['renewal: kdc-unreachable', 'count kdc-unreachable', 'ticket.renewal-failed'];

/** The effect of each event in each phase; pairs that are not listed change nothing. */
const table: Partial<
  Record<PhaseName, Partial<Record<EventType, readonly [PhaseName, (string | undefined)?, string[]?]>>>
> = {
  starting: {
    started: ['waiting', undefined, ['adopt', 'ticket.adopted']],
    requested: ['starting', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  waiting: {
    'time-passed': ['preparing', 'prepare'],
    requested: ['waiting', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  preparing: {
    prepared: ['fetching', 'fetch'],
    failed: ['waiting', undefined, failed],
    requested: ['preparing', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  fetching: {
    fetched: ['publishing', 'publish'],
    failed: ['waiting', undefined, failed],
    requested: ['fetching', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  publishing: {
    published: ['waiting', undefined, [...publication, ...overcome]],
    failed: ['waiting', undefined, failed],
    requested: ['publishing', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  refreshing: {
    fetched: ['replacing', 'publish'],
    failed: ['waiting', undefined, ['count-refresh-failure', 'ticket.refresh-failed']],
    requested: ['refreshing', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  replacing: {
    published: ['waiting', undefined, ['note-ticket', 'ticket.refreshed']],
    failed: ['waiting', undefined, ['count-refresh-failure', 'ticket.refresh-failed']],
    requested: ['replacing', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
  discarding: {
    discarded: ['waiting'],
    failed: ['waiting'],
    requested: ['discarding', undefined, ['ticket.renewal-requested']],
    stopped: ['stopped'],
  },
};

const pairs = Object.keys(phases).flatMap((phase) =>
  Object.keys(events).map((event) => [phase as PhaseName, event as EventType] as const),
);

describe('the machine', () => {
  test.for(pairs)('%s, when it is %s', ([phase, event]) => {
    const result = step(phases[phase], events[event]);
    const expected = table[phase]?.[event];
    if (expected) {
      const [name, work, effects = []] = expected;
      expect(result.state.phase.name).toBe(name);
      expect(result.work?.do).toBe(work);
      expect(told(result.effects)).toEqual(effects);
    } else {
      expect(result).toEqual({ state: phases[phase], effects: [] });
    }
  });
});

describe('at its start', () => {
  test('a good ticket of an earlier run is kept until it is due', () => {
    const { state } = step(phases.starting, events.started);
    expect(state).toMatchObject({ ticket, dueAt: after(50), attemptAt: after(50) });
  });

  test.for([
    ['nothing was found', undefined, {}],
    ['the ticket has ended', { ticket: sampleTicket(-60, 50), cache }, {}],
    ["the ticket is another user's", { ticket, cache }, { principal: 'other@CORP.EXAMPLE.COM' }],
  ] as const)('a ticket is fetched at once when %s', ([, found, more]) => {
    const { state, effects } = step(phases.starting, { type: 'started', found }, more);
    expect(effects).toEqual([]);
    expect(step(state, events['time-passed']).work).toEqual({
      do: 'prepare',
      withPassword: false,
      repeat: false,
      isUrgent: true,
    });
  });

  test('any user may own the ticket when the secret is yet to be fetched', () => {
    const found = { ticket: { ...ticket, principal: 'other@CORP.EXAMPLE.COM' }, cache };
    const { state } = step(phases.starting, { type: 'started', found }, { principal: undefined });
    expect(state.ticket).toEqual(found.ticket);
  });

  test('a request that came before is served first', () => {
    const asked = step(phases.starting, events.requested).state;
    const { state } = step(asked, events.started);
    expect(step(state, events['time-passed']).work).toMatchObject({ do: 'prepare', withPassword: true });
  });
});

describe('an attempt', () => {
  test('is not made before its time', () => {
    expect(step(phases.waiting, events['time-passed'], {}, after(19))).toEqual({
      state: phases.waiting,
      effects: [],
    });
  });

  test.for([
    ['a ticket that is due', {}, false, false],
    ['a password that failed', { passwordFailed: true }, true, false],
    ['a request', { request: { repeat: false } }, true, false],
    ["an operator's request", { request: { repeat: true } }, true, true],
  ] as const)('for %s', ([, state, withPassword, repeat]) => {
    const { work } = step(inPhase({ name: 'waiting' }, state), events['time-passed']);
    expect(work).toEqual({ do: 'prepare', withPassword, repeat, isUrgent: false });
  });

  test('is urgent when the published ticket has ended', () => {
    const { work } = step(phases.waiting, events['time-passed'], {}, after(100));
    expect(work).toMatchObject({ do: 'prepare', isUrgent: true });
  });

  test.for([
    ['the TGT is new', false, true, 'fetch'],
    ['the ticket is due', true, false, 'fetch'],
    ['neither', false, false, undefined],
  ] as const)('fetches a ticket when %s', ([, isDue, replaced, work]) => {
    const state = inPhase({ name: 'preparing', attempt: { ...attempt, isDue } });
    expect(step(state, { type: 'prepared', replaced, problem: undefined }).work?.do).toBe(work);
  });

  test('fetches what an earlier one could not publish', () => {
    const lost = step(phases.publishing, events.failed).state;
    const again = step(lost, events['time-passed'], {}, after(60)).state;
    const { work } = step(again, { type: 'prepared', replaced: false, problem: undefined });
    expect(work).toEqual({ do: 'fetch' });
  });

  test('publishes what was fetched, and renews it at its half', () => {
    const fetched = step(phases.fetching, events.fetched);
    expect(fetched.work).toEqual({ do: 'publish', cache });
    expect(step(fetched.state, events.published).state).toMatchObject({
      ticket: newTicket,
      dueAt: after(100),
      attemptAt: after(100),
      failures: 0,
      isUnpublished: false,
    });
  });

  test('waits at least a second, however short the ticket is', () => {
    const short = inPhase({ name: 'publishing', attempt, ticket: sampleTicket(50, 51) });
    expect(step(short, events.published).state.attemptAt).toEqual(after(51));
  });

  test('fails when kvno gave a cache without the ticket', () => {
    const { state, effects } = step(phases.fetching, { type: 'fetched', ticket: undefined, cache });
    expect(state.phase.name).toBe('discarding');
    expect(told(effects)).toEqual(['tgt.discarded']);
  });

  test('warns about RC4 and a wrong clock', () => {
    const odd = { ...newTicket, encryptionType: 'arcfour-hmac', clockOffset: -61 };
    const { effects } = step(inPhase({ name: 'publishing', attempt, ticket: odd }), events.published);
    expect(told(effects)).toEqual([...publication, 'ticket.weak-encryption', 'clock.skewed', ...overcome]);
  });
});

describe('a failure', () => {
  test('is followed by longer and longer waits, until an attempt succeeds', () => {
    let state: KeeperState = phases.preparing;
    const waits: number[] = [];
    for (let failure = 0; failure < 4; failure++) {
      state = step(state, events.failed).state;
      waits.push((state.attemptAt.getTime() - after(50).getTime()) / 1000);
      state = step(state, events['time-passed'], {}, state.attemptAt).state;
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    state = step(step(step(state, events.prepared).state, events.fetched).state, events.published).state;
    expect(state.failures).toBe(0);
  });

  test.for([
    [30, 30],
    [-1, 60],
    [1980, 60],
  ] as const)('whose password rests for %i s more is followed by a wait of %i s', ([rest, wait]) => {
    const failure = new TicketFailure('password-refused', 'wrong', { retryAt: after(50 + rest) });
    const { state } = step({ ...phases.preparing, failures: 10 }, { type: 'failed', failure });
    expect(state.attemptAt).toEqual(after(50 + wait));
  });

  test('that concerns only the password still publishes, and is retried', () => {
    const { state } = step(phases.preparing, { type: 'prepared', replaced: true, problem: refused });
    const { state: waiting, effects } = step(step(state, events.fetched).state, events.published);
    expect(told(effects)).toEqual([
      ...publication,
      ...['renewal: none', 'password: password-refused'],
      ...['count password-refused', 'ticket.renewal-failed'],
    ]);
    expect(waiting).toMatchObject({ failures: 1, attemptAt: after(51), passwordFailed: true });
    expect(step(waiting, events['time-passed'], {}, after(51)).work).toMatchObject({ withPassword: true });
  });
});

describe('a request', () => {
  const asked = { request: { repeat: true }, isDue: false };

  test('is served at once, and forgets the failures', () => {
    const { state } = step(inPhase({ name: 'waiting' }, { failures: 5 }), events.requested, {}, after(20));
    expect(state).toMatchObject({ attemptAt: after(20), failures: 0, request: { repeat: true } });
  });

  test('is fulfilled by a sign-in', () => {
    const { state } = step(inPhase({ name: 'preparing', attempt: asked }), events.prepared);
    const done = step(step(state, events.fetched).state, events.published).state;
    expect(done).toMatchObject({ request: undefined, attemptAt: after(100) });
  });

  test.for([
    ['the attempt fails', { type: 'failed', failure: unreachable }],
    ['the password is refused', { type: 'prepared', replaced: false, problem: refused }],
  ] as const)('stays when %s, but does not repeat the password once more', ([, event]) => {
    const { state } = step(inPhase({ name: 'preparing', attempt: asked }), event);
    expect(state.phase.name).toBe('waiting');
    expect(state.request).toEqual({ repeat: false });
  });

  test.for(['preparing', 'fetching', 'publishing'] as const)(
    'that comes while it is %s is served by an attempt of its own, with the password',
    (phase) => {
      const asking = step(phases[phase], events.requested).state;
      let state = asking;
      for (const event of [events.prepared, events.fetched, events.published]) {
        state = step(state, event).state;
      }
      expect(state).toMatchObject({ phase: { name: 'waiting' }, attemptAt: after(50) });
      expect(step(state, events['time-passed']).work).toEqual({
        do: 'prepare',
        withPassword: true,
        repeat: true,
        isUrgent: false,
      });
      expect(step(asking, events.failed).state).toMatchObject({
        attemptAt: after(50),
        request: { repeat: true },
      });
    },
  );
});
