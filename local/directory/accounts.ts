import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { DomainNames } from './domain-names.ts';
import type { SambaTools } from './samba-tools.ts';

/** An account that a Kerberos service (here: SQL Server) accepts tickets with. */
export interface ServiceAccount {
  readonly name: string;
  readonly spns: readonly string[];
  /** Where the keytab with the account's keys is written. */
  readonly keytab: string;
  /** Whether the keytab has the account's own name, too: SQL Server on Linux asks the directory by it. Default: false. */
  readonly ownName?: boolean;
}

type Accounts = DomainNames & SambaTools;

export async function createUser(domain: Accounts, name: string, password: string): Promise<void> {
  await domain.samba(['user', 'create', name, '--random-password']);
  await setPassword(domain, name, password);
}

/** Sets a password as an administrator does: the policy's length and complexity hold, its history does not. */
export async function setPassword(domain: Accounts, name: string, password: string): Promise<void> {
  const value = Buffer.from(password, 'utf16le').toString('base64');
  await domain.modify(ldif(domain, name, ['replace: clearTextPassword', `clearTextPassword:: ${value}`]));
}

/** Creates the account, or completes one that is there, and writes its keytab with AES keys. */
export async function createServiceAccount(domain: Accounts, account: ServiceAccount): Promise<void> {
  const { name, spns, keytab, ownName = false } = account;
  const known = await domain.search(`(sAMAccountName=${name})`, ['servicePrincipalName']);
  if (!known.includes('dn: ')) await domain.samba(['user', 'create', name, '--random-password']);
  await domain.samba(['user', 'setexpiry', name, '--noexpiry']);
  for (const spn of spns) {
    if (!known.includes(`servicePrincipalName: ${spn}\n`)) await domain.samba(['spn', 'add', spn, name]);
  }
  // 0x18: AES only. The keys are made when a password is set, so it must be set again after this.
  await domain.modify(
    ldif(domain, name, ['replace: msDS-SupportedEncryptionTypes', 'msDS-SupportedEncryptionTypes: 24']),
  );
  await setPassword(domain, name, `${randomBytes(24).toString('base64url')}aA1!`);
  await rm(keytab, { force: true });
  for (const principal of [...spns, ...(ownName ? [name] : [])]) {
    await domain.samba(['domain', 'exportkeytab', keytab, `--principal=${principal}`]);
  }
}

function ldif(domain: DomainNames, name: string, change: readonly string[]): string {
  return [`dn: CN=${name},CN=Users,${domain.baseDn}`, 'changetype: modify', ...change, '-', ''].join('\n');
}
