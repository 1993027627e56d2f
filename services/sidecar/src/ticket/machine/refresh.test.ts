import { describe, expect, test } from 'vitest';
import {
  after,
  attempt,
  cache,
  events,
  inPhase,
  phases,
  refreshedTicket,
  rules,
  ticket,
} from '../../../test/sample-states.ts';
import { type FailureCode, failureCatalogue } from '../../failures/failure-catalogue.ts';
import { TicketFailure } from '../../failures/ticket-failure.ts';
import { next } from './next.ts';
import type { KeeperEvent, KeeperState, Step } from './state.ts';

/** Takes one step at 20 s, when a refresh is due and a renewal is not. */
function step(state: KeeperState, event: KeeperEvent, at = after(20), chance = 0): Step {
  return next(state, { ...event, at, chance }, rules);
}

const logged = ({ effects }: Step) =>
  effects.flatMap((effect) => (effect.do === 'log' ? [effect.event as string] : []));
const failed = (code: FailureCode): KeeperEvent => ({
  type: 'failed',
  failure: new TicketFailure(code, 'something'),
});

describe('a refresh', () => {
  test('asks for a ticket with the TGT as it is, and puts it in the place of the published one', () => {
    const begun = step(phases.waiting, events['time-passed']);
    expect(begun).toMatchObject({ state: { phase: { name: 'refreshing' } }, work: { do: 'fetch' } });
    const fetched = step(begun.state, { type: 'fetched', ticket: refreshedTicket, cache });
    expect(fetched.work).toEqual({ do: 'publish', cache });
    const done = step(fetched.state, events.published);
    expect(done.state).toMatchObject({ ticket: refreshedTicket, refreshAt: after(40) });
    expect(done.effects).toContainEqual({ do: 'note-ticket', ticket: refreshedTicket });
  });

  test('leaves the time of renewal and the failures of the password as they are', () => {
    const state = inPhase(
      { name: 'replacing', ticket: refreshedTicket },
      { passwordFailed: true, failures: 3, attemptAt: after(44) },
    );
    expect(step(state, events.published).state).toMatchObject({
      ...{ dueAt: after(50), attemptAt: after(44), passwordFailed: true, failures: 3 },
    });
  });

  test('is spread over a tenth', () => {
    expect(step(phases.replacing, events.published, after(20), 0.5).state.refreshAt).toEqual(after(39));
  });

  test.for([
    ['key version', { ...refreshedTicket, keyVersion: 3 }],
    ['key version that is not told any more', { ...refreshedTicket, keyVersion: undefined }],
    ['encryption type', { ...refreshedTicket, encryptionType: 'aes128-cts-hmac-sha1-96' }],
  ] as const)('tells and counts another %s', ([, other]) => {
    const result = step(inPhase({ name: 'replacing', ticket: other }), events.published);
    expect(logged(result)).toEqual(['ticket.key-changed', 'ticket.published']);
    expect(result.effects).toContainEqual({ do: 'count-key-change' });
  });

  test.for([
    ['the ticket has ended', inPhase({ name: 'waiting' }, { attemptAt: after(130) }), after(120)],
    [
      'the next ticket comes from a renewal',
      inPhase({ name: 'waiting' }, { refreshAt: undefined }),
      after(20),
    ],
    ['it is not time', phases.waiting, after(19)],
  ] as const)('is not made when %s', ([, state, at]) => {
    expect(step(state, events['time-passed'], at)).toEqual({ state, effects: [] });
  });

  test('gives way to a renewal', () => {
    expect(step(phases.waiting, events['time-passed'], after(50)).work).toMatchObject({ do: 'prepare' });
    const asked = step(phases.refreshing, events.requested).state;
    const fetched = step(asked, { type: 'fetched', ticket: refreshedTicket, cache });
    const done = step(fetched.state, events.published);
    expect(step(done.state, events['time-passed']).work).toMatchObject({ do: 'prepare', withPassword: true });
  });

  test('is rescheduled after a renewal, and after a start with an earlier ticket', () => {
    expect(step(phases.publishing, events.published, after(50)).state.refreshAt).toEqual(after(70));
    expect(step(phases.starting, events.started, after(1)).state.refreshAt).toEqual(after(21));
  });

  test('that fails is logged once per cause, counted each time, and retried', () => {
    let state: KeeperState = phases.refreshing;
    const told: string[][] = [];
    for (const code of ['kdc-unreachable', 'kdc-unreachable', 'server-unknown'] as const) {
      const result = step(state, failed(code));
      expect(result.effects).toContainEqual({ do: 'count-refresh-failure', code });
      expect(result.state).toMatchObject({ ticket, refreshAt: after(40), failures: 0 });
      told.push(logged(result));
      state = step(result.state, events['time-passed'], after(40)).state;
    }
    expect(told).toEqual([['ticket.refresh-failed'], [], ['ticket.refresh-failed']]);
  });

  test('suspects the TGT if kvno returned a cache without the ticket', () => {
    const result = step(phases.refreshing, { type: 'fetched', ticket: undefined, cache });
    expect(result.state.phase.name).toBe('discarding');
  });
});

/** Whether the TGT is still good after kvno failed with this code. */
const keepsTgt: Readonly<Record<FailureCode, boolean>> = {
  'kdc-unreachable': true,
  'kdc-name-unresolved': true,
  'clock-skew': false,
  'password-refused': false,
  'password-expired': false,
  'account-locked': false,
  'client-unknown': false,
  'server-unknown': true,
  'server-refused': true,
  'realm-unknown': true,
  'encryption-unsupported': true,
  'policy-refused': false,
  'ticket-expired': false,
  'tgt-refused': false,
  'cache-missing': false,
  'cache-corrupt': false,
  'no-permission': true,
  'disk-full': true,
  'secret-unavailable': false,
  'secret-malformed': false,
  'tool-missing': true,
  'time-limit': true,
  unexpected: false,
};

describe('a TGT with which no service ticket could be obtained', () => {
  const codes = Object.keys(failureCatalogue) as FailureCode[];

  test.for(codes)('because of %s', (code) => {
    const refresh = step(phases.refreshing, failed(code));
    const renewal = step(phases.fetching, failed(code));
    for (const { state, work } of [refresh, renewal]) {
      expect(work).toEqual(keepsTgt[code] ? undefined : { do: 'discard' });
      expect(state.phase.name).toBe(keepsTgt[code] ? 'waiting' : 'discarding');
    }
  });

  test.for([
    ['refresh', phases.refreshing],
    ['renewal', phases.fetching],
  ] as const)('is thrown away by a %s, with its text told, and a sign-in follows at once', ([, state]) => {
    const discarded = step(state, failed('tgt-refused'));
    expect(logged(discarded)).toEqual(['tgt.discarded']);
    expect(JSON.stringify(discarded.effects)).toContain('(something)');
    expect(discarded.state.failures).toBe(0);
    const again = step(step(discarded.state, events.discarded).state, events['time-passed']);
    // The TGT is gone, so preparing one means signing in.
    expect(again.work).toMatchObject({ do: 'prepare' });
    expect(step(again.state, events.prepared).work).toEqual({ do: 'fetch' });
  });

  test('and which is new is discarded too, and the next sign-in waits', () => {
    const state = inPhase({ name: 'fetching', attempt: { ...attempt, hasNewTgt: true } });
    const result = step(state, failed('tgt-refused'));
    expect(result).toMatchObject({ work: { do: 'discard' }, state: { failures: 1, attemptAt: after(21) } });
    expect(logged(result)).toEqual(['ticket.renewal-failed']);
  });

  test.for(['preparing', 'publishing', 'replacing'] as const)('is kept when it is %s that fails', (phase) => {
    expect(step(phases[phase], failed('unexpected')).work).toBeUndefined();
  });

  test.for(['ticket-expired', 'cache-missing', 'cache-corrupt'] as const)(
    'is thrown away when it was %s while it was prepared',
    (code) => {
      expect(step(phases.preparing, failed(code)).work).toEqual({ do: 'discard' });
    },
  );
});
