import { TicketFailure } from '../src/failures/ticket-failure.ts';
import { startingState } from '../src/ticket/machine/start.ts';
import type { Attempt, Effect, KeeperEvent, KeeperState, Phase, Rules } from '../src/ticket/machine/state.ts';
import type { Ticket } from '../src/ticket/ticket.ts';

/** For the machine's tests: a ticket of a hundred seconds, published at its start and renewed after half its life. */
export const start = new Date('2026-01-01T00:00:00Z');
export const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);

export const rules: Rules = {
  spn: 'MSSQLSvc/music-db.corp.example.com:1433',
  refreshSeconds: 20,
  renewAt: 0.5,
  principal: 'db-user@CORP.EXAMPLE.COM',
};

export function sampleTicket(startsAt = 0, endsAt = startsAt + 100): Ticket {
  return {
    principal: 'db-user@CORP.EXAMPLE.COM',
    spn: rules.spn,
    startsAt: after(startsAt),
    endsAt: after(endsAt),
    encryptionType: 'aes256-cts-hmac-sha1-96',
    keyVersion: 2,
    clockOffset: 0,
  };
}

export const ticket = sampleTicket();
export const newTicket = sampleTicket(50);
export const refreshedTicket = sampleTicket(20);
export const cache = Buffer.from('cache');
export const unreachable = new TicketFailure('kdc-unreachable', 'no answer');
export const refused = new TicketFailure('password-refused', 'wrong');

export const attempt: Attempt = { request: undefined, isDue: true };

/** The keeper's state with a published ticket, in any phase. */
export function inPhase(phase: Phase, more: Partial<KeeperState> = {}): KeeperState {
  return {
    ...startingState(start),
    phase,
    ticket,
    dueAt: after(50),
    attemptAt: after(50),
    refreshAt: after(20),
    ...more,
  };
}

export const phases: Readonly<Record<Phase['name'], KeeperState>> = {
  starting: startingState(start),
  waiting: inPhase({ name: 'waiting' }),
  preparing: inPhase({ name: 'preparing', attempt }),
  fetching: inPhase({ name: 'fetching', attempt }, { isUnpublished: true }),
  publishing: inPhase({ name: 'publishing', attempt, ticket: newTicket }, { isUnpublished: true }),
  refreshing: inPhase({ name: 'refreshing' }),
  replacing: inPhase({ name: 'replacing', ticket: refreshedTicket }),
  discarding: inPhase({ name: 'discarding' }, { failures: 1 }),
  stopped: inPhase({ name: 'stopped' }),
};

export const events: Readonly<Record<KeeperEvent['type'], KeeperEvent>> = {
  started: { type: 'started', found: { ticket, cache } },
  'time-passed': { type: 'time-passed' },
  requested: { type: 'requested', reason: 'SIGHUP', repeat: true },
  prepared: { type: 'prepared', replaced: true, problem: undefined },
  fetched: { type: 'fetched', ticket: newTicket, cache },
  published: { type: 'published' },
  discarded: { type: 'discarded' },
  failed: { type: 'failed', failure: unreachable },
  stopped: { type: 'stopped' },
};

/** Each effect in a word or two. */
export function told(effects: readonly Effect[]): string[] {
  return effects.map((effect) => {
    switch (effect.do) {
      case 'log':
        return effect.event;
      case 'note-problem':
        return `${effect.source}: ${effect.failure?.code ?? 'none'}`;
      case 'count-failure':
        return `count ${effect.code}`;
      default:
        return effect.do;
    }
  });
}
