import type { LoginErrorCode } from './codes.ts';
import type { GssStatus } from './login-error.ts';

/**
 * Maps messages of MIT Kerberos (com_err tables and lib/gssapi) to codes.
 * Order matters: a missing cache is also reported as "credentials unavailable".
 */
const patterns: readonly (readonly [RegExp, LoginErrorCode])[] = [
  [/configuration file/i, 'KRB5_CONFIG_INVALID'],
  [/clock skew too great/i, 'CLOCK_SKEW'],
  [/ticket expired|(credential|credentials|context) (has|have) expired/i, 'TICKET_EXPIRED'],
  [/credentials cache permissions incorrect|permission denied/i, 'CCACHE_UNREADABLE'],
  [
    /bad format in credentials cache|unsupported credentials cache format|(internal|unknown) (credentials cache|cache) error|end of credential cache/i,
    'CCACHE_CORRUPT',
  ],
  [/matching credential not found|can't find client principal/i, 'TICKET_MISSING'],
  [
    /supported encryption types|no support for encryption type|encryption type .*not (permitted|supported)|etype not supported/i,
    'ENCRYPTION_TYPE_UNSUPPORTED',
  ],
  [/cannot contact any KDC|cannot resolve network address for KDC/i, 'KDC_UNREACHABLE'],
  [
    /cannot find KDC for|cannot determine realm|realm not local to KDC|reply did not match expectations|default realm/i,
    'REALM_UNKNOWN',
  ],
  [/server .*not found in kerberos database|service key not available/i, 'SPN_UNKNOWN'],
  [/no kerberos credentials available|no credentials cache|cache file .*not found/i, 'CCACHE_NOT_FOUND'],
  [
    /mutual authentication failed|integrity check failed|invalid token|invalid signature|failed to negotiate a mechanism|message stream modified/i,
    'SERVER_NOT_AUTHENTIC',
  ],
];

/** Splits an error message of npm `kerberos` ("major: minor") into its two parts. */
export function gssStatus(text: string): GssStatus {
  const separator = text.indexOf(': ');
  if (separator < 0) return { major: text, minor: '' };
  return { major: text.slice(0, separator).replace(/\s+/g, ' '), minor: text.slice(separator + 2) };
}

/** The code of a GSSAPI failure; `GSS_FAILED` for an unrecognised message. */
export function gssErrorCode(status: GssStatus): LoginErrorCode {
  for (const text of [status.minor, status.major]) {
    const known = patterns.find(([pattern]) => pattern.test(text));
    if (known) return known[1];
  }
  return 'GSS_FAILED';
}
