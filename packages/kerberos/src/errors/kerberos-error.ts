import { accountStatus } from './account-status.ts';
import { type KrbErrorName, krbErrorMeaning } from './krb-error-codes.ts';

/** Likely cause and remedy of what goes wrong on this side. */
export const hints = {
  CREDENTIAL_CACHE_NOT_FOUND:
    'No ticket has been obtained yet, or the cache is somewhere else. Check KRB5CCNAME (or default_ccache_name), and that whatever obtains the ticket runs.',
  CREDENTIAL_CACHE_UNREADABLE:
    'The cache may belong to another user: kinit makes it 0600. Share it by group, and give it its mode anew after each refresh. Anything else is what the file system says.',
  CREDENTIAL_CACHE_MALFORMED:
    'The file is not a credential cache, or was written in part. Write a new file beside it and rename it into place.',
  CREDENTIAL_CACHE_UNSUPPORTED:
    'Only FILE and DIR caches of versions 3 and 4 can be read. Obtain the ticket into a file: kinit -c FILE:/path.',
  CONFIGURATION_UNREADABLE:
    'KRB5_CONFIG names a file that is missing or may not be read. Correct the path or its mode.',
  CONFIGURATION_INVALID: 'See krb5.conf(5): sections in brackets, "name = value", and subsections in braces.',
  TICKET_EXPIRED:
    'The ticket has ended and was not renewed. See why: a changed password, a KDC that cannot be reached.',
  TICKET_NOT_YET_VALID:
    'The clock of this machine is behind, or the ticket is for later. Set the clock by NTP.',
  TICKET_MISSING:
    'The cache holds no ticket for this service and no ticket-granting ticket. Obtain one for exactly this service: kinit -S, or kvno.',
  ENCRYPTION_TYPE_UNSUPPORTED:
    'This client knows the AES types 17 to 20 only. Allow AES on the account (msDS-SupportedEncryptionTypes 24 in Active Directory), then set its password anew so that the keys exist.',
  REALM_UNKNOWN:
    'No KDC is configured for the realm, and DNS names none. Give it in [realms] of krb5.conf, or check the DNS servers: they must know the directory.',
  KDC_UNREACHABLE:
    'A firewall or security group may drop port 88 (464 for password changes), or the domain controllers are down. Check routes and addresses.',
  REFERRAL_REFUSED:
    'The KDCs send us from realm to realm without end, or where we must not go. Check the trusts, and [domain_realm] of krb5.conf.',
  MESSAGE_MALFORMED:
    'What answers there does not speak Kerberos as its documents say, or the message was changed on its way.',
  KDC_NOT_AUTHENTIC:
    'The answer is not sealed with the key that only the KDC and we know. The password may be wrong, or somebody else answers in its place.',
  ACCEPTOR_NOT_AUTHENTIC:
    'The server did not prove that it holds the key of the service. Somebody else may answer on that address; if it is the right server, its key was changed or the name is on the wrong account.',
  MECHANISM_REFUSED:
    'The server does not take Kerberos. See which ways of authentication it allows, and whether it has its key.',
  PASSWORD_CHANGE_REFUSED:
    'See the policy for passwords of the directory: length, complexity, history, minimum age.',
} as const;

/** Stable names of what can go wrong; those that begin with KDC_ERR or KRB_ are error codes of the other side. */
export type KerberosErrorCode = keyof typeof hints | KrbErrorName | 'KRB_ERR_UNKNOWN';

/** What the other side says in a KRB-ERROR (RFC 4120, section 5.9.1). Nothing in it is authenticated. */
export interface KrbErrorReport {
  readonly code: number;
  readonly realm: string;
  readonly server: string;
  /** Clock of the other side. */
  readonly serverTime: Date;
  /** Free text; often missing. */
  readonly text: string | undefined;
  /** Depends on the code: ways of pre-authentication, the result of a password change. */
  readonly data: Buffer | undefined;
}

export interface KerberosErrorOptions {
  readonly cause?: unknown;
  readonly hint?: string;
  readonly report?: KrbErrorReport;
}

/**
 * Why something failed: a stable `code`, what happened (`message`), and likely cause with remedy (`hint`).
 * Holds no password, key, ticket or token. Names come from elsewhere: what in them would steer a terminal or begin another
 * line of a log is written as an escape.
 */
export class KerberosError extends Error {
  override readonly name = 'KerberosError';
  readonly code: KerberosErrorCode;
  readonly hint: string;
  /** The KRB-ERROR, when the other side sent one. */
  readonly report: KrbErrorReport | undefined;

  constructor(code: KerberosErrorCode, message: string, options: KerberosErrorOptions = {}) {
    super(visible(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? (hints as Readonly<Record<string, string>>)[code] ?? '';
    this.report = options.report;
  }
}

/** Names may be as long as a message has room for. */
const longestMessage = 2000;

function visible(text: string): string {
  const escaped = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  const cut = text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

/** Makes an error of a KRB-ERROR. @param who the sender, for people: "The KDC 10.0.0.1" */
export function refusal(who: string, report: KrbErrorReport): KerberosError {
  const [name, ...meaning] = krbErrorMeaning(report.code);
  const [cause, remedy] = accountStatus(report.data) ?? meaning;
  const text = report.text ? `, "${report.text}"` : '';
  return new KerberosError(
    name as KerberosErrorCode,
    `${who} refused with error ${report.code} (${name}${text}): ${cause}.`,
    { hint: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`, report },
  );
}

/** For what does not follow its document. @param what a sentence without a full stop */
export function malformed(what: string): KerberosError {
  return new KerberosError('MESSAGE_MALFORMED', `${what.charAt(0).toUpperCase()}${what.slice(1)}.`);
}
