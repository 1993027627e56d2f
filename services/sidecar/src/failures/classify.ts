import type { FailureCode } from './failure-catalogue.ts';
import { TicketFailure } from './ticket-failure.ts';

/**
 * What MIT's tools say in the C locale, and which failure that is; the first match counts.
 * The texts are those of MIT's error tables (krb5_err.et, kv5m_err.et) and of the C library.
 */
const patterns: readonly (readonly [RegExp, FailureCode])[] = [
  [/No space left on device|Disk quota exceeded/i, 'disk-full'],
  [/Clock skew too great|Ticket not yet valid/i, 'clock-skew'],
  [/Password incorrect|Preauthentication failed|Decrypt integrity check failed/i, 'password-refused'],
  [/Password has expired|password expired/i, 'password-expired'],
  [/credentials have been revoked|Client not yet valid|entry in database has expired/i, 'account-locked'],
  [/KDC policy rejects request/i, 'policy-refused'],
  [/Client .*not found in Kerberos database/i, 'client-unknown'],
  [/Server .*not found in Kerberos database/i, 'server-unknown'],
  // MIT hands on what the resolver said of a KDC's name (EAI_AGAIN; for EAI_NONAME it has a text of its own).
  [
    /Cannot resolve network address for KDC|Resource temporarily unavailable|Temporary failure in name/i,
    'kdc-name-unresolved',
  ],
  // The last one: a domain controller that starts or has lost its database (KDC_ERR_SVC_UNAVAILABLE).
  [/Cannot contact any KDC|A service is not available/i, 'kdc-unreachable'],
  [/Cannot find KDC for|Cannot determine realm/i, 'realm-unknown'],
  [
    /no support for encryption type|encryption type not permitted|No supported encryption/i,
    'encryption-unsupported',
  ],
  [
    /Ticket expired|renewable lifetime|can't (be )?fulfill(ed)? requested option|Requested start time/i,
    'ticket-expired',
  ],
  [/No credentials cache found|no credentials cache file|Matching credential not found/i, 'cache-missing'],
  [/Bad format in credentials cache|End of credential cache|Unknown credential cache type/i, 'cache-corrupt'],
  [/Permission denied|Credentials cache permissions incorrect|Operation not permitted/i, 'no-permission'],
];

/**
 * Names the failure behind what kinit wrote.
 * @param errors its standard error
 * @param output its standard output: an expired password is told only there, before kinit asks for a new one
 */
export function classifySignInMessage(errors: string, output = ''): TicketFailure {
  return new TicketFailure(codeOf(errors) ?? codeOf(output) ?? 'unexpected', errors);
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
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
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
