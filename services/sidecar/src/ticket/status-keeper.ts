import { asTicketFailure } from '../failures/classify.ts';
import type { TicketFailure } from '../failures/ticket-failure.ts';
import type { StatusFile } from '../publication/status-file.ts';
import { type Problem, type TicketState, ticketStatus } from '../publication/ticket-status.ts';
import type { Log } from '../signals/log.ts';
import { isValid, type Ticket } from './ticket.ts';

/** The sources of failures; each is overcome independently of the others. */
export type ProblemSource = 'password' | 'renewal' | 'publication';

/** Tracks the state, writes it to `ticket.json`, and logs its changes. */
export interface StatusKeeper {
  readonly ticket: Ticket | undefined;
  readonly state: TicketState;
  /** Continues from the generation of an earlier run. */
  takeUp(): Promise<void>;
  /** Records that the ticket of an earlier run is still published. */
  adopted(ticket: Ticket): void;
  /** Records that a ticket was published. */
  published(ticket: Ticket): void;
  /** Sets the failure of a source; `undefined` clears it. */
  problem(source: ProblemSource, failure: TicketFailure | undefined): void;
  has(source: ProblemSource): boolean;
  /** Sets whether the published cache is damaged and could not be restored. */
  lost(isLost: boolean): void;
  /** Writes the status if it has changed since the last time. */
  report(): Promise<void>;
}

export interface StatusKeeperOptions {
  readonly spn: string;
  readonly file: StatusFile;
  readonly log: Log;
  readonly now: () => Date;
}

/** Starts without a ticket and without problems; nothing is written before `report`. */
export function createStatusKeeper({ spn, file, log, now }: StatusKeeperOptions): StatusKeeper {
  const problems = new Map<ProblemSource, Problem>();
  let ticket: Ticket | undefined;
  let generation = 0;
  let isLost = false;
  let reported: string | undefined;
  let reportedState: TicketState | undefined;

  function state(): TicketState {
    if (isValid(ticket, now()) && !isLost) {
      return problems.size === 0 ? 'healthy' : 'degraded';
    }
    return ticket || problems.size > 0 ? 'unhealthy' : 'starting';
  }

  return {
    get ticket() {
      return ticket;
    },
    get state() {
      return state();
    },
    async takeUp() {
      generation = await file.generation();
    },
    adopted(found) {
      ticket = found;
    },
    published(next) {
      ticket = next;
      generation += 1;
      isLost = false;
      problems.delete('publication');
    },
    problem(source, failure) {
      if (failure) {
        problems.set(source, { failure, at: now() });
      } else {
        problems.delete(source);
      }
    },
    has: (source) => problems.has(source),
    lost(value) {
      isLost = value;
    },
    async report() {
      const [problem] = [...problems.values()].sort((a, b) => b.at.getTime() - a.at.getTime());
      const status = ticketStatus({ state: state(), spn, generation, ticket, problem });
      const text = JSON.stringify(status);
      if (text === reported) {
        return;
      }
      try {
        await file.write(status);
        reported = text;
      } catch (error) {
        log('status.write-failed', { code: asTicketFailure(error).code });
      }
      if (status.state !== reportedState) {
        log('state.changed', { from: reportedState ?? null, to: status.state, cause: problem?.failure.code });
        reportedState = status.state;
      }
    },
  };
}
