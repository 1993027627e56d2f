import { accountStatus } from './account-status.ts';
import { type KrbErrorName, krbErrorMeaning } from './krb-error-codes.ts';

/** Likely cause and remedy of errors found by this client. */
export const hints = {
  CREDENTIAL_CACHE_NOT_FOUND:
    'No ticket has been obtained yet, or the cache is somewhere else. Check KRB5CCNAME (or default_ccache_name), and that the process that obtains the ticket is running.',
  CREDENTIAL_CACHE_UNREADABLE:
    'The cache may belong to another user: kinit makes it 0600. Share it with a group, and set its mode again after each refresh. Otherwise see the error of the file system.',
  CREDENTIAL_CACHE_MALFORMED:
    'The file is not a credential cache, or was only partly written. Write a new file in the same folder and rename it into place.',
  CREDENTIAL_CACHE_UNSUPPORTED:
    'Only FILE and DIR caches of versions 3 and 4 can be read. Obtain the ticket into a file: kinit -c FILE:/path.',
  CONFIGURATION_UNREADABLE:
    'KRB5_CONFIG names a file that is missing or may not be read. Correct the path or its mode.',
  CONFIGURATION_INVALID: 'See krb5.conf(5): sections in brackets, "name = value", and subsections in braces.',
  TICKET_EXPIRED:
    'The ticket has expired and was not renewed. Possible reasons: the password was changed, or the KDC cannot be reached.',
  TICKET_NOT_YET_VALID:
    'The clock of this machine is slow, or the ticket is postdated. Set the clock by NTP.',
  TICKET_MISSING:
    'The cache holds no ticket for this service and no ticket-granting ticket. Obtain one for exactly this service: kinit -S, or kvno.',
  ENCRYPTION_TYPE_UNSUPPORTED:
    'This client knows the AES types 17 to 20 only. Allow AES on the account (msDS-SupportedEncryptionTypes 24 in Active Directory), then set its password again so that the keys exist.',
  REALM_UNKNOWN:
    'No KDC is configured for the realm, and DNS names none. Configure one in [realms] of krb5.conf, or check the DNS servers: they must know the directory.',
  KDC_UNREACHABLE:
    'A firewall or security group may drop port 88 (464 for password changes), or the domain controllers are down. Check routes and addresses.',
  REFERRAL_REFUSED:
    'The KDCs refer us from realm to realm without end, or to a realm that we must not use. Check the trusts, and [domain_realm] of krb5.conf.',
  MESSAGE_MALFORMED:
    'The other side does not follow the Kerberos specification, or the message was changed in transit.',
  KDC_NOT_AUTHENTIC:
    'The reply is not encrypted with the key that only the KDC and we know. The password may be wrong, or another host is impersonating the KDC.',
  ACCEPTOR_NOT_AUTHENTIC:
    'The server did not prove that it holds the key of the service. Another host may be impersonating it. If it is the right server, its key was changed or the name is registered on the wrong account.',
  MECHANISM_REFUSED:
    'The server does not accept Kerberos. Check which authentication methods it allows, and whether it has its key.',
  PASSWORD_CHANGE_REFUSED:
    'Check the password policy of the directory: length, complexity, history, minimum age.',
} as const;

/** Stable error names. Those that begin with KDC_ERR or KRB_ are error codes that the other side sent. */
export type KerberosErrorCode = keyof typeof hints | KrbErrorName | 'KRB_ERR_UNKNOWN';

/** The contents of a KRB-ERROR (RFC 4120, section 5.9.1). None of it is authenticated. */
export interface KrbErrorReport {
  readonly code: number;
  readonly realm: string;
  readonly server: string;
  /** The clock of the other side. */
  readonly serverTime: Date;
  /** Free text; often missing. */
  readonly text: string | undefined;
  /** Depends on the code: pre-authentication methods, or the result of a password change. */
  readonly data: Buffer | undefined;
}

export interface KerberosErrorOptions {
  readonly cause?: unknown;
  readonly hint?: string;
  readonly report?: KrbErrorReport;
}

/**
 * Why something failed: a stable `code`, what happened (`message`), and the likely cause with a remedy (`hint`).
 * Contains no password, key, ticket or token. Names come from outside, so control characters that could steer a
 * terminal or start another log line are escaped.
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

/** Names may be as long as a whole message. */
const longestMessage = 2000;

function visible(text: string): string {
  const escaped = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  const cut = text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

/** Converts a KRB-ERROR. @param who the sender, as shown to people: "The KDC 10.0.0.1" */
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

/** For input that violates its specification. @param what a sentence without a full stop */
export function malformed(what: string): KerberosError {
  return new KerberosError('MESSAGE_MALFORMED', `${what.charAt(0).toUpperCase()}${what.slice(1)}.`);
}
