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

/** The domain controller no longer accepts the TGT: discards it, and renews with a sign-in immediately. */
export function signInAgain(state: KeeperState, failure: TicketFailure, { at }: Moment): Step {
  const { code, kerberosError, message: explanation } = failure;
  return discardTgt({ ...state, isUnpublished: true, refreshAt: undefined, attemptAt: at }, [
    log('tgt.discarded', { code, kerberosError, explanation }),
  ]);
}

/**
 * Failures to obtain a service ticket that are not the TGT's fault. After any other failure the TGT is no longer
 * trusted: domain controllers refuse a TGT that they cannot read with many different messages, and signing in again
 * costs little.
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

/** Whether the TGT may be why no service ticket could be obtained. */
export function isTgtSuspect({ code }: TicketFailure): boolean {
  return !otherCauses.includes(code);
}
