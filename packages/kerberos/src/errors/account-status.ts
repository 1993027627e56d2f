import type { KrbErrorMeaning } from './krb-error-codes.ts';

/** The human-readable cause and remedy of a status. */
type Status = readonly [cause: KrbErrorMeaning[1], remedy: KrbErrorMeaning[2]];

/**
 * Why Active Directory refuses an account: NTSTATUS values ([MS-ERREF], section 2.3.1).
 *
 * @see [MS-KILE], sections 2.2.1 and 2.2.2
 */
const statuses: Readonly<Record<number, Status>> = {
  3221225572: ['the directory does not know the client', 'correct the user name and the realm'],
  3221225578: ['the password is wrong', 'correct it; each try counts towards a lockout'],
  3221225582: ['the account is restricted', 'take the restriction off the account in the directory'],
  3221225583: [
    'the account may not log in at this hour',
    "extend the account's logon hours in the directory",
  ],
  3221225584: [
    'the account may not log in from this machine',
    "add it to the account's workstations in the directory, or empty the list",
  ],
  3221225585: ['the password has expired', 'change the password, or let it never expire'],
  3221225586: ['the account is disabled', 'enable it in the directory'],
  3221225819: ['the account lacks the right to log in this way', 'give it the right in the directory'],
  3221225875: ['the account has expired', 'extend the account in the directory'],
  3221226020: [
    'the password must be changed before the first login',
    'change it, or take "user must change password at next logon" off the account',
  ],
  3221226036: [
    'the account is locked after wrong passwords',
    'unlock it in the directory, and find out who uses an old password',
  ],
  3221226515: [
    'the service is behind a trust with selective authentication, which does not let the account pass',
    'give the account the right "allowed to authenticate" on the computer or account that the service runs as',
  ],
};

/** PA-DATA or KERB-ERROR-DATA of type 3 (`[1] INTEGER 3, [2] OCTET STRING`) with KERB-EXT-ERROR: status, reserved, flags. */
const header = Buffer.from('a103020103a20e040c', 'hex');

/**
 * The account status that Active Directory puts into the data of a KRB-ERROR. Like the rest of the message, it is not
 * authenticated.
 *
 * @returns undefined if the data holds no status, or an unknown one
 */
export function accountStatus(data: Buffer | undefined): Status | undefined {
  const at = data?.indexOf(header) ?? -1;
  const from = at + header.length;
  if (!data || at < 0 || from + 12 > data.length) return undefined;
  return statuses[data.readUInt32LE(from)];
}
