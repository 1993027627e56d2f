import type { FailureCode } from '../../failures/failure-catalogue.ts';
import type { TicketFailure } from '../../failures/ticket-failure.ts';
import type { EventName } from '../../signals/events.ts';
import type { ProblemSource } from '../status-keeper.ts';
import type { Ticket } from '../ticket.ts';

/** What is fixed while the sidecar runs. */
export interface Rules {
  readonly spn: string;
  /** Seconds after which another ticket is asked for, long before the present one is due. */
  readonly refreshSeconds: number;
  /** The fraction of its lifetime after which a ticket is renewed. */
  readonly renewAt: number;
  /** The only user whose ticket is taken over from an earlier run, as `user@REALM`; `undefined`: any. */
  readonly principal: string | undefined;
}

/** An operator or a new secret wants a sign-in. `repeat`: even with a password that was refused a moment ago. */
export interface Request {
  readonly repeat: boolean;
}

/** One try to get a ticket, from the look at the TGT to the published file. */
export interface Attempt {
  /** The request that it serves, until that is met; one that comes meanwhile is {@link KeeperState.request}. */
  readonly request: Request | undefined;
  /** Whether the published ticket had come to its time when the attempt began. */
  readonly isDue: boolean;
  /** Why the password could not be used, although the TGT can. */
  readonly problem?: TicketFailure | undefined;
  /** Whether it has obtained a TGT of its own. */
  readonly hasNewTgt?: boolean;
}

/**
 * Where the keeper is:
 *
 * - `starting`: it does not know yet what an earlier run has left
 * - `waiting`: nothing is to be done before {@link KeeperState.attemptAt} and {@link KeeperState.refreshAt}
 * - a renewal: `preparing` (a usable TGT is being made sure of), `fetching` (a service ticket is being asked for),
 *   `publishing` (it is being put into the shared folder)
 * - a refresh, for which nobody signs in: `refreshing` (a service ticket is being asked for, with the TGT as it is),
 *   `replacing` (it is being put in the place of the published one)
 * - `discarding`: the TGT is being destroyed, because it is of no more use
 * - `stopped`: for good
 */
export type Phase =
  | { readonly name: 'starting' | 'waiting' | 'discarding' | 'stopped' }
  | { readonly name: 'preparing' | 'fetching'; readonly attempt: Attempt }
  | { readonly name: 'publishing'; readonly attempt: Attempt; readonly ticket: Ticket }
  | { readonly name: 'refreshing' }
  | { readonly name: 'replacing'; readonly ticket: Ticket };

/** All that the keeper remembers. */
export interface KeeperState {
  readonly phase: Phase;
  /** The ticket that is published, valid or ended. */
  readonly ticket: Ticket | undefined;
  /** When the published ticket is to be renewed. */
  readonly dueAt: Date;
  /** When a renewal is to be tried next. */
  readonly attemptAt: Date;
  /** When the published ticket is to be refreshed; `undefined` while the next one is to come from a renewal. */
  readonly refreshAt: Date | undefined;
  /** Why the last refresh failed. */
  readonly refreshFailure: FailureCode | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Stays until a sign-in with the password has met it. */
  readonly request: Request | undefined;
  /** A ticket is still to be published, because the last one was due or the TGT is newer. */
  readonly isUnpublished: boolean;
  /** The last sign-in failed by the password, the next attempt tries it again, however good the TGT is. */
  readonly passwordFailed: boolean;
}

/** A ticket and the cache that it lies in. */
export interface FoundTicket {
  readonly ticket: Ticket;
  readonly cache: Buffer;
}

/** What happens to the keeper: time passes, somebody asks, a piece of {@link Work} ends. */
export type KeeperEvent =
  /** `found`: what lies in the shared folder */
  | { readonly type: 'started'; readonly found: FoundTicket | undefined }
  | { readonly type: 'time-passed' }
  | { readonly type: 'requested'; readonly reason: string; readonly repeat: boolean }
  | { readonly type: 'prepared'; readonly replaced: boolean; readonly problem: TicketFailure | undefined }
  | { readonly type: 'fetched'; readonly ticket: Ticket | undefined; readonly cache: Buffer }
  | { readonly type: 'published' }
  | { readonly type: 'discarded' }
  | { readonly type: 'failed'; readonly failure: TicketFailure }
  | { readonly type: 'stopped' };

/** When it happens, and the luck that spreads the sidecars of a service: a number from 0 up to 1. */
export interface Moment {
  readonly at: Date;
  readonly chance: number;
}

/** What takes time; it ends in an event of its own, or in `failed`. */
export type Work =
  | {
      readonly do: 'prepare';
      readonly withPassword: boolean;
      readonly repeat: boolean;
      /** No valid ticket is published. */
      readonly isUrgent: boolean;
    }
  | { readonly do: 'fetch' }
  | { readonly do: 'publish'; readonly cache: Buffer }
  | { readonly do: 'discard' };

/** What is done at once and cannot fail. */
export type Effect =
  /** Takes what an earlier run has published for its own. */
  | { readonly do: 'adopt'; readonly found: FoundTicket }
  | { readonly do: 'note-ticket'; readonly ticket: Ticket }
  /** Sets the failure of a source; `undefined` says that it is overcome. */
  | {
      readonly do: 'note-problem';
      readonly source: ProblemSource;
      readonly failure: TicketFailure | undefined;
    }
  | { readonly do: 'count-renewal'; readonly encryptionType: string }
  | { readonly do: 'count-key-change' }
  | { readonly do: 'count-refresh-failure'; readonly code: FailureCode }
  | {
      readonly do: 'count-failure';
      readonly code: FailureCode;
      readonly kerberosError: string | undefined;
    }
  | { readonly do: 'log'; readonly event: EventName; readonly fields: Readonly<Record<string, unknown>> };

export interface Step {
  readonly state: KeeperState;
  readonly effects: readonly Effect[];
  readonly work?: Work;
}
