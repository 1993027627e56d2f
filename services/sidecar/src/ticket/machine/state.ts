import type { FailureCode } from '../../failures/failure-catalogue.ts';
import type { TicketFailure } from '../../failures/ticket-failure.ts';
import type { EventName } from '../../signals/events.ts';
import type { ProblemSource } from '../status-keeper.ts';
import type { Ticket } from '../ticket.ts';

/** The settings that do not change while the sidecar runs. */
export interface Rules {
  readonly spn: string;
  /** Seconds after which a fresh ticket is requested, long before the present one is due for renewal. */
  readonly refreshSeconds: number;
  /** The fraction of its lifetime after which a ticket is renewed. */
  readonly renewAt: number;
  /** The only user whose ticket is taken over from an earlier run, as `user@REALM`; `undefined`: any user. */
  readonly principal: string | undefined;
}

/**
 * A request to sign in, from an operator or because of a new secret. `repeat`: even with a recently refused password.
 */
export interface Request {
  readonly repeat: boolean;
}

/** One attempt to get a ticket, from checking the TGT to publishing the file. */
export interface Attempt {
  /** The request that it serves, until fulfilled; one that comes meanwhile is {@link KeeperState.request}. */
  readonly request: Request | undefined;
  /** Whether the published ticket was due for renewal, or invalid, when the attempt began. */
  readonly isDue: boolean;
  /** Why the password could not be used, although the TGT can be. */
  readonly problem?: TicketFailure | undefined;
  /** Whether this attempt obtained a new TGT. */
  readonly hasNewTgt?: boolean;
}

/**
 * What the keeper is doing:
 *
 * - `starting`: looking for what an earlier run left
 * - `waiting`: there is nothing to do before {@link KeeperState.attemptAt} and {@link KeeperState.refreshAt}
 * - a renewal: `preparing` (making sure of a usable TGT), `fetching` (requesting a service ticket), `publishing`
 *   (putting the ticket into the shared folder)
 * - a refresh, which involves no sign-in: `refreshing` (requesting a service ticket with the TGT as it is), `replacing`
 *   (putting the ticket in the place of the published one)
 * - `discarding`: destroying the TGT, because it is useless
 * - `stopped`: for good
 */
export type Phase =
  | { readonly name: 'starting' | 'waiting' | 'discarding' | 'stopped' }
  | { readonly name: 'preparing' | 'fetching'; readonly attempt: Attempt }
  | { readonly name: 'publishing'; readonly attempt: Attempt; readonly ticket: Ticket }
  | { readonly name: 'refreshing' }
  | { readonly name: 'replacing'; readonly ticket: Ticket };

/** Everything that the keeper remembers. */
export interface KeeperState {
  readonly phase: Phase;
  /** The published ticket, valid or expired. */
  readonly ticket: Ticket | undefined;
  /** When the published ticket is due for renewal. */
  readonly dueAt: Date;
  /** When to try a renewal next. */
  readonly attemptAt: Date;
  /** When to refresh the published ticket; `undefined` while the next ticket is to come from a renewal. */
  readonly refreshAt: Date | undefined;
  /** Why the last refresh failed. */
  readonly refreshFailure: FailureCode | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** Stays until a sign-in with the password has fulfilled it. */
  readonly request: Request | undefined;
  /** Whether a ticket must still be published, because the last one was due or the TGT is newer. */
  readonly isUnpublished: boolean;
  /**
   * Whether the last sign-in failed because of the password; the next attempt then tries it again, even with a good
   * TGT.
   */
  readonly passwordFailed: boolean;
}

/** A ticket and the cache that holds it. */
export interface FoundTicket {
  readonly ticket: Ticket;
  readonly cache: Buffer;
}

/** The keeper's inputs: time passes, a request arrives, a piece of {@link Work} ends. */
export type KeeperEvent =
  /** `found`: the ticket in the shared folder */
  | { readonly type: 'started'; readonly found: FoundTicket | undefined }
  | { readonly type: 'time-passed' }
  | { readonly type: 'requested'; readonly reason: string; readonly repeat: boolean }
  | { readonly type: 'prepared'; readonly replaced: boolean; readonly problem: TicketFailure | undefined }
  | { readonly type: 'fetched'; readonly ticket: Ticket | undefined; readonly cache: Buffer }
  | { readonly type: 'published' }
  | { readonly type: 'discarded' }
  | { readonly type: 'failed'; readonly failure: TicketFailure }
  | { readonly type: 'stopped' };

/** When it happens, and a random number from 0 up to 1 that spreads the sidecars of a service. */
export interface Moment {
  readonly at: Date;
  readonly chance: number;
}

/** Work that takes time; it ends in its own event or in `failed`. */
export type Work =
  | {
      readonly do: 'prepare';
      readonly withPassword: boolean;
      readonly repeat: boolean;
      /** Whether no valid ticket is published. */
      readonly isUrgent: boolean;
    }
  | { readonly do: 'fetch' }
  | { readonly do: 'publish'; readonly cache: Buffer }
  | { readonly do: 'discard' };

/** An action that is carried out immediately and cannot fail. */
export type Effect =
  /** Takes over the ticket that an earlier run published. */
  | { readonly do: 'adopt'; readonly found: FoundTicket }
  | { readonly do: 'note-ticket'; readonly ticket: Ticket }
  /** Sets the failure of a source; `undefined` clears it. */
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
