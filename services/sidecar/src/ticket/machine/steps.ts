import type { FailureCode } from '../../failures/failure-catalogue.ts';
import type { TicketFailure } from '../../failures/ticket-failure.ts';
import { log } from './effects.ts';
import type { Effect, KeeperState, Moment, Step } from './state.ts';

export function unchanged(state: KeeperState): Step {
  return { state, effects: [] };
}

export function wait(state: KeeperState, effects: readonly Effect[]): Step {
  return { state: { ...state, phase: { name: 'waiting' } }, effects };
}

/** Destroys the TGT, so that the next attempt signs in with the password. */
export function discardTgt(state: KeeperState, effects: readonly Effect[]): Step {
  return { state: { ...state, phase: { name: 'discarding' } }, effects, work: { do: 'discard' } };
}

/** The domain controller takes the TGT no more: it is thrown away, and a renewal signs in with the password at once. */
export function signInAgain(state: KeeperState, failure: TicketFailure, { at }: Moment): Step {
  const { code, kerberosError, message: explanation } = failure;
  return discardTgt({ ...state, isUnpublished: true, refreshAt: undefined, attemptAt: at }, [
    log('tgt.discarded', { code, kerberosError, explanation }),
  ]);
}

/**
 * What has kept a service ticket from being had and is not the TGT's fault. After anything else the TGT is not trusted any
 * more: domain controllers refuse one that they cannot read in many words, and to sign in again costs little.
 */
const otherCauses: readonly FailureCode[] = [
  'kdc-unreachable',
  'kdc-name-unresolved',
  'realm-unknown',
  'server-unknown',
  'server-refused',
  'encryption-unsupported',
  'time-limit',
  'tool-missing',
  'disk-full',
  'no-permission',
];

/** Whether a service ticket could not be had because of the TGT. */
export function isTgtSuspect({ code }: TicketFailure): boolean {
  return !otherCauses.includes(code);
}
