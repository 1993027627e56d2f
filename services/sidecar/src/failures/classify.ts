import type { FailureCode } from './failure-catalogue.ts';
import { TicketFailure } from './ticket-failure.ts';

/**
 * Messages of MIT's tools in the C locale, and the failure that each means; the first match counts. Each pattern is for
 * one message, and `test/failures.e2e.test.ts` fails for a pattern whose message no tool was seen to print.
 */
export const knownTexts: readonly (readonly [RegExp, FailureCode])[] = [
  // MIT's library prints this for a full or failing disk, and for every other system error it has no text for.
  [/Credentials cache I\/O operation failed/, 'disk-full'],
  [/Clock skew too great/, 'clock-skew'],
  [/Ticket not yet valid/, 'clock-skew'],
  [/Password incorrect/, 'password-refused'],
  [/Preauthentication failed/, 'password-refused'],
  [/Password has expired/, 'password-expired'],
  [/Password expired\./, 'password-expired'],
  [/Client's credentials have been revoked/, 'account-locked'],
  [/Client not yet valid/, 'account-locked'],
  [/Client's entry in database has expired/, 'account-locked'],
  [/KDC policy rejects request/, 'policy-refused'],
  [/KDC policy rejects transited path/, 'policy-refused'],
  [/Policy rejects transited path/, 'policy-refused'],
  [/Client .*not found in Kerberos database/, 'client-unknown'],
  // The domain controller has no trust that leads to the other realm.
  [/Server krbtgt\/.*not found in Kerberos database/, 'realm-unknown'],
  [/Server .*not found in Kerberos database/, 'server-unknown'],
  [/Server's entry in database has expired/, 'server-refused'],
  [/Credentials for server have been revoked/, 'server-refused'],
  [/Server not yet valid/, 'server-refused'],
  [/Server principal valid for user2user only/, 'server-refused'],
  [/Principal has multiple entries in Kerberos database/, 'server-refused'],
  // The resolver's message for a KDC's name (EAI_AGAIN), which MIT passes on.
  [/Resource temporarily unavailable/, 'kdc-name-unresolved'],
  [/Cannot contact any KDC/, 'kdc-unreachable'],
  // The domain controller is starting or has lost its database (KDC_ERR_SVC_UNAVAILABLE).
  [/A service is not available/, 'kdc-unreachable'],
  [/Cannot find KDC for/, 'realm-unknown'],
  [/Realm not local to KDC/, 'realm-unknown'],
  [/no support for encryption type/, 'encryption-unsupported'],
  // The domain controller wants a timestamp encrypted with a type that is not allowed here.
  [/No supported encryption types/, 'encryption-unsupported'],
  [/Ticket expired/, 'ticket-expired'],
  [/can't fulfill requested option/, 'ticket-expired'],
  [/No credentials cache found/, 'cache-missing'],
  [/Matching credential not found/, 'cache-missing'],
  [/Bad format in credentials cache/, 'cache-corrupt'],
  [/Unsupported credentials cache format version/, 'cache-corrupt'],
  [/End of credential cache/, 'cache-corrupt'],
  [/Credentials cache permissions incorrect/, 'no-permission'],
];

/**
 * kinit prompts for the password only when the domain controller wants it; an error without a prompt cost no attempt.
 */
const prompt = /^Password for /m;

/**
 * Names the failure that kinit reported. An unknown message after kinit has used the password may be a refusal: it
 * counts as one, so that the account is not locked, and its text is passed on.
 * @param errors its standard error
 * @param output its standard output; only this shows an expired password, before kinit asks for a new one
 */
export function classifySignInMessage(errors: string, output = ''): TicketFailure {
  const told = codeOf(errors) ? errors : [errors.trim(), ...output.split('\n').filter(codeOf)].join(': ');
  const code = codeOf(told);
  return new TicketFailure(code ?? 'unexpected', told, { mayBeRefusal: !code && prompt.test(output) });
}

/**
 * Names the failure that kvno reported. kvno signs in with the TGT and without a password, so the TGT is blamed for
 * every failure not known to have another cause. Domain controllers refuse a TGT that they cannot read with many
 * different messages, even with those that elsewhere mean a wrong password ("Decrypt integrity check failed").
 */
export function classifyServiceTicketMessage(errors: string): TicketFailure {
  const code = codeOf(errors);
  return new TicketFailure(code && hasOtherCause(code) ? code : 'tgt-refused', errors);
}

function codeOf(text: string): FailureCode | undefined {
  return knownTexts.find(([pattern]) => pattern.test(text))?.[1];
}

const passwordCodes: readonly FailureCode[] = [
  'password-refused',
  'password-expired',
  'account-locked',
  'client-unknown',
];

function hasOtherCause(code: FailureCode): boolean {
  return !passwordCodes.includes(code);
}

const systemCodes: Readonly<Record<string, FailureCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
  ENOENT: 'cache-missing',
};

/** Converts anything thrown to a {@link TicketFailure}; one that already is comes back unchanged. */
export function asTicketFailure(error: unknown): TicketFailure {
  if (error instanceof TicketFailure) {
    return error;
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  return new TicketFailure(
    systemCodes[code] ?? 'unexpected',
    error instanceof Error ? error.message : String(error),
  );
}
