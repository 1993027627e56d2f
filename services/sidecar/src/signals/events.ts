import { signInEvents } from '@packages/contracts';

/** Events of the log: a stable name, its level, and the sentence that goes with it. */
export const events = {
  'sidecar.started': { level: 'info', message: 'The sidecar has started.' },
  'sidecar.stopped': { level: 'info', message: 'The sidecar has stopped; its TGT is destroyed.' },
  'sidecar.crashed': { level: 'error', message: 'The sidecar met an error from which it cannot recover.' },
  'configuration.invalid': { level: 'error', message: 'The configuration is wrong.' },
  'secret.unknown-keys': { level: 'info', message: 'The secret has keys that the sidecar does not use.' },
  'secret.changed': { level: 'info', message: 'The secret has a new version.' },
  'secret.check-failed': { level: 'warn', message: 'Checking for a new version of the secret failed.' },
  [signInEvents.refused]: { level: 'warn', message: 'The directory refused a password.' },
  'password.withheld': {
    level: 'warn',
    message: 'A password is not tried yet, so that the account is not locked.',
  },
  'password.unclear': {
    level: 'warn',
    message: 'The directory said what may be a refusal of the password; it counts as one.',
  },
  'password.next': {
    level: 'info',
    message: 'The password was rotated since this version of the secret was read; its nextPassword is right.',
  },
  'password.other-version': {
    level: 'info',
    message: 'The password of another version of the secret is right.',
  },
  'password.expiring': { level: 'warn', message: "The directory user's password expires within a week." },
  'password.delayed': {
    level: 'info',
    message:
      'Waiting before the first sign-in, so that sidecars that start together do not lock the account.',
  },
  [signInEvents.taken]: { level: 'info', message: 'Obtained a ticket-granting ticket with the password.' },
  'tgt.renewed': { level: 'warn', message: 'Renewed the ticket-granting ticket without a password.' },
  'tgt.discarded': {
    level: 'warn',
    message: 'The ticket-granting ticket was thrown away; signing in with the password again.',
  },
  'ticket.adopted': { level: 'info', message: 'A valid ticket of an earlier run is published already.' },
  'ticket.published': { level: 'info', message: 'Published a service ticket.' },
  'ticket.refreshed': { level: 'debug', message: 'Put a new service ticket in the place of the last one.' },
  'ticket.key-changed': {
    level: 'info',
    message: 'The SQL Server has another key, as after a failover; tickets for it are published from now on.',
  },
  'ticket.refresh-failed': {
    level: 'warn',
    message: 'No new service ticket could be obtained between renewals; the published one stays in use.',
  },
  'ticket.weak-encryption': {
    level: 'warn',
    message:
      "The ticket is encrypted with RC4 or DES, by a key of SQL Server's account; let the account use AES.",
  },
  'ticket.renewal-requested': { level: 'info', message: 'A renewal was requested.' },
  'ticket.renewal-failed': { level: 'error', message: 'Renewing the ticket failed.' },
  'kdc.silent': {
    level: 'warn',
    message: 'A domain controller does not answer; from now on it is asked last.',
  },
  'file.restored': { level: 'warn', message: 'A published file was damaged; it is whole again.' },
  'file.lost': { level: 'error', message: 'A published file is damaged and could not be restored.' },
  'status.write-failed': { level: 'error', message: 'The status file could not be written.' },
  'state.changed': { level: 'info', message: 'The state has changed.' },
  'clock.skewed': {
    level: 'warn',
    message: "This machine's clock differs from the domain controller's; set the clock.",
  },
} as const satisfies Record<string, { level: 'debug' | 'info' | 'warn' | 'error'; message: string }>;

export type EventName = keyof typeof events;
