import { expect, test } from 'vitest';
import { gssErrorCode, gssStatus } from './explain-gss-error.ts';

const minor = 'Unspecified GSS failure.  Minor code may provide more information';
const noCredentials = 'No credentials were supplied, or the credentials were unavailable or inaccessible';

// Messages of MIT Kerberos 1.20. Most are also produced by the real library in test/kerberos-errors.e2e.test.ts.
test.each([
  [`${noCredentials}: No Kerberos credentials available (default cache: FILE:/x)`, 'CCACHE_NOT_FOUND'],
  [
    `${noCredentials}: No Kerberos credentials available: Credentials cache permissions incorrect (filename: /x)`,
    'CCACHE_UNREADABLE',
  ],
  [
    `${noCredentials}: No Kerberos credentials available: Bad format in credentials cache (filename: /x)`,
    'CCACHE_CORRUPT',
  ],
  [
    `${noCredentials}: No Kerberos credentials available: Unsupported credentials cache format version number (filename: /x)`,
    'CCACHE_CORRUPT',
  ],
  [`${minor}: Ticket expired`, 'TICKET_EXPIRED'],
  ['The referenced context has expired: Success', 'TICKET_EXPIRED'],
  [`${minor}: Improper format of Kerberos configuration file`, 'KRB5_CONFIG_INVALID'],
  [`${minor}: Matching credential not found (filename: /x)`, 'TICKET_MISSING'],
  [
    `${noCredentials}: Can't find client principal reporting@CORP.EXAMPLE.COM in cache collection`,
    'TICKET_MISSING',
  ],
  [`${minor}: Cannot contact any KDC for realm 'CORP.EXAMPLE.COM'`, 'KDC_UNREACHABLE'],
  [`${minor}: Cannot find KDC for realm "OTHER.EXAMPLE.COM"`, 'REALM_UNKNOWN'],
  [`${minor}: Clock skew too great`, 'CLOCK_SKEW'],
  [`${minor}: Server not found in Kerberos database`, 'SPN_UNKNOWN'],
  [
    `${minor}: No credentials found with supported encryption types (filename: /x)`,
    'ENCRYPTION_TYPE_UNSUPPORTED',
  ],
  [`${minor}: KDC has no support for encryption type`, 'ENCRYPTION_TYPE_UNSUPPORTED'],
  [`${minor}: Encryption type arcfour-hmac not permitted`, 'ENCRYPTION_TYPE_UNSUPPORTED'],
  [`${minor}: Mutual authentication failed`, 'SERVER_NOT_AUTHENTIC'],
  [`${minor}: Decrypt integrity check failed`, 'SERVER_NOT_AUTHENTIC'],
  ['Invalid token was supplied: Unknown error', 'SERVER_NOT_AUTHENTIC'],
  ['A text that nobody knows: of a later version', 'GSS_FAILED'],
  ['', 'GSS_FAILED'],
])('%s', (text, code) => {
  expect(gssErrorCode(gssStatus(text))).toBe(code);
});

test('the message is split into its two parts', () => {
  expect(gssStatus(`${minor}: Cannot contact any KDC for realm 'A: B'`)).toEqual({
    major: 'Unspecified GSS failure. Minor code may provide more information',
    minor: "Cannot contact any KDC for realm 'A: B'",
  });
});
