import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { DomainNames } from './domain-names.ts';
import type { SambaTools } from './samba-tools.ts';

/** An account whose keys a Kerberos service (here: SQL Server) uses to accept tickets. */
export interface ServiceAccount {
  readonly name: string;
  readonly spns: readonly string[];
  /** Path of the keytab with the account's keys. */
  readonly keytab: string;
  /**
   * Whether the keytab also contains the account's own name, with which SQL Server on Linux queries the directory.
   * Default: false.
   */
  readonly ownName?: boolean;
}

type Accounts = DomainNames & SambaTools;

/** Bits of userAccountControl ([MS-ADTS], section 2.2.16). */
const normalAccount = 0x200;
const doNotExpirePassword = 0x10000;

/**
 * Creates a user whose password expires according to the domain's policy. @throws Error with the directory's refusal
 */
export async function createUser(domain: Accounts, name: string, password: string): Promise<void> {
  await addUser(domain, name, password, [`userAccountControl: ${normalAccount}`]);
}

/**
 * Sets a password as an administrator: the policy's length and complexity rules apply, but not its password history.
 */
export async function setPassword(domain: Accounts, name: string, password: string): Promise<void> {
  await domain.modify(
    ldif(domain, name, [
      'changetype: modify',
      'replace: clearTextPassword',
      clearTextPassword(password),
      '-',
    ]),
  );
}

/** Creates the account, or updates an existing one, and writes its keytab with AES keys. */
export async function createServiceAccount(domain: Accounts, account: ServiceAccount): Promise<void> {
  const { name, spns, keytab, ownName = false } = account;
  const password = `${randomBytes(24).toString('base64url')}aA1!`;
  const names = (values: readonly string[]) => values.map((spn) => `servicePrincipalName: ${spn}`);
  const control = `userAccountControl: ${normalAccount | doNotExpirePassword}`;
  // AES only.
  const encryption = 'msDS-SupportedEncryptionTypes: 24';
  const known = await domain.search(`(sAMAccountName=${name})`, ['servicePrincipalName']);
  if (known.includes('dn: ')) {
    const missing = names(spns).filter((spn) => !known.includes(`${spn}\n`));
    await domain.modify(
      ldif(domain, name, [
        'changetype: modify',
        ...['replace: userAccountControl', control, '-'],
        ...(missing.length > 0 ? ['add: servicePrincipalName', ...missing, '-'] : []),
        ...['replace: msDS-SupportedEncryptionTypes', encryption, '-'],
      ]),
    );
    // The keys are derived when a password is set, so set it after the encryption types.
    await setPassword(domain, name, password);
  } else {
    await addUser(domain, name, password, [control, encryption, ...names(spns)]);
  }
  await rm(keytab, { force: true });
  for (const principal of [...spns, ...(ownName ? [name] : [])]) {
    await domain.samba(['domain', 'exportkeytab', keytab, `--principal=${principal}`]);
  }
}

/**
 * Adds a user in one operation, as `samba-tool user create` does; that command opens the directory again for each
 * account.
 */
async function addUser(
  domain: Accounts,
  name: string,
  password: string,
  attributes: readonly string[],
): Promise<void> {
  await domain.modify(
    ldif(domain, name, [
      ...['changetype: add', 'objectClass: user', `sAMAccountName: ${name}`],
      ...[`userPrincipalName: ${name}@${domain.name}`, clearTextPassword(password), ...attributes],
    ]),
  );
}

function clearTextPassword(password: string): string {
  return `clearTextPassword:: ${Buffer.from(password, 'utf16le').toString('base64')}`;
}

function ldif(domain: DomainNames, name: string, lines: readonly string[]): string {
  return [`dn: CN=${name},CN=Users,${domain.baseDn}`, ...lines, ''].join('\n');
}
