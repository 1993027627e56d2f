import type { FailureCode } from './failure-catalogue.ts';
import { TicketFailure } from './ticket-failure.ts';

/**
 * What MIT's tools say in the C locale, and which failure that is; the first match counts. Each is one text, and
 * `test/failures.e2e.test.ts` fails for one that no tool was seen to say.
 */
export const knownTexts: readonly (readonly [RegExp, FailureCode])[] = [
  // What MIT's library makes of a full disk, and of one that fails: every error of the system without a text of its own.
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
  // Asked for the way into another realm, the domain controller knows none.
  [/Server krbtgt\/.*not found in Kerberos database/, 'realm-unknown'],
  [/Server .*not found in Kerberos database/, 'server-unknown'],
  [/Server's entry in database has expired/, 'server-refused'],
  [/Credentials for server have been revoked/, 'server-refused'],
  [/Server not yet valid/, 'server-refused'],
  [/Server principal valid for user2user only/, 'server-refused'],
  [/Principal has multiple entries in Kerberos database/, 'server-refused'],
  // MIT hands on what the resolver said of a KDC's name (EAI_AGAIN).
  [/Resource temporarily unavailable/, 'kdc-name-unresolved'],
  [/Cannot contact any KDC/, 'kdc-unreachable'],
  // A domain controller that starts or has lost its database (KDC_ERR_SVC_UNAVAILABLE).
  [/A service is not available/, 'kdc-unreachable'],
  [/Cannot find KDC for/, 'realm-unknown'],
  [/Realm not local to KDC/, 'realm-unknown'],
  [/no support for encryption type/, 'encryption-unsupported'],
  // What it says where a domain controller wants a timestamp sealed with a type that is not allowed here.
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

/** kinit asks for the password when the domain controller does, and not before; an error without it has cost no attempt. */
const prompt = /^Password for /m;

/**
 * Names the failure behind what kinit wrote. What it said after it had used the password, in words that are not known here,
 * may be a refusal: it counts as one, so that the account is not locked, and it is passed on as it is.
 * @param errors its standard error
 * @param output its standard output: only there an expired password shows, before kinit asks for a new one
 */
export function classifySignInMessage(errors: string, output = ''): TicketFailure {
  const told = codeOf(errors) ? errors : [errors.trim(), ...output.split('\n').filter(codeOf)].join(': ');
  const code = codeOf(told);
  return new TicketFailure(code ?? 'unexpected', told, { mayBeRefusal: !code && prompt.test(output) });
}

/**
 * Names the failure behind what kvno wrote, which signs in with the TGT and with no password: whatever is not known to
 * have another cause is the TGT's fault. Domain controllers refuse one that they cannot read in many words, also in those
 * that are a wrong password's elsewhere ("Decrypt integrity check failed").
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

/** Makes a {@link TicketFailure} of whatever was thrown; one that already is comes back as it is. */
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
