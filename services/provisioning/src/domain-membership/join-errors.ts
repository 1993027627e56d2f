/**
 * Causes of a failed domain join, by the Windows error codes that RDS quotes in its events.
 *
 * @see
 *   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServer_SelfManagedActiveDirectory.Troubleshooting.html
 * @see https://learn.microsoft.com/windows/win32/debug/system-error-codes
 */
const causes: Readonly<Record<number, string>> = {
  2: 'there is no such organizational unit: compare directory.join.ou with its distinguishedName',
  5: 'the account that joins lacks a right in the organizational unit (create and delete computer objects, write DNS host name and servicePrincipalName), or a computer object of that name is there already',
  87: 'a name is not as the directory has it: compare directory.join.ou and the domain with the directory',
  234: 'the name of the organizational unit is too long for RDS: 64 characters at most',
  1326: 'name or password of the account that joins is wrong: set both in the secret, the name without its domain',
  1355: 'the domain is not found or its controllers are not reached: compare directory.dnsAddresses, and let the instance out to port 53 and 389 there',
  1722: 'a domain controller is not reached by RPC: open TCP 135 and 49152 to 65535 to it',
  1727: 'an RPC call to a domain controller was cut off: open TCP 135 and 49152 to 65535 on the whole way to it',
  2224: 'a computer object of that name is there already: delete it, or let the account that joins overwrite it',
  2242: 'the password of the account that joins has expired: set a new one, in the directory and in the secret',
};

/** @returns the cause for the error code in a message of RDS, as a clause; `undefined` if there is none */
export function joinCause(message: string): string | undefined {
  const [, hexadecimal, decimal] = /\berror(?: code)?:?\s*(?:(0x[0-9a-f]+)|(\d{1,5}))\b/i.exec(message) ?? [];
  return causes[Number(hexadecimal ?? decimal)];
}
