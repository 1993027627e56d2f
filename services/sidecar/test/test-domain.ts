import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Domain, startDomain } from '../../../local/directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../../local/directory/loopback-network.ts';

export const spn = 'MSSQLSvc/music-db.corp.example.com:1433';
export const otherSpn = 'HTTP/intranet.corp.example.com';

/** Contains characters that a shell, a printf or a KDC could mishandle. */
export const password = 'Pass word*1 "$x\\ä€';

/** A directory with the SQL Server's account, another service's account, and one that accepts only RC4. */
export interface TestDomain {
  readonly domain: Domain;
  readonly network: LoopbackNetwork;
  readonly directory: string;
  /** Decrypts the SQL Server's tickets. */
  readonly keytab: string;
  /** Makes a user with the test's password. */
  user(name: string): Promise<string>;
  /** Attributes of a user, as `ldbsearch` prints them. */
  attribute(name: string, attribute: string): Promise<string | undefined>;
  setAttribute(name: string, attribute: string, value: string): Promise<void>;
  dispose(): Promise<void>;
}

export async function startTestDomain(): Promise<TestDomain> {
  const directory = await mkdtemp(join(tmpdir(), 'sidecar-test-'));
  // The sidecar runs as another user and keeps its folders here.
  await chmod(directory, 0o711);
  const network = await claimLoopbackNetwork();
  const domain = await startDomain({ network, stateDirectory: join(directory, 'state') });
  const keytab = join(directory, 'mssql.keytab');
  await domain.createServiceAccount({ name: 'mssql', spns: [spn, otherSpn], keytab });
  // The lockout of AWS Managed Microsoft AD: after five refusals, for half an hour.
  await domain.samba(['domain', 'passwordsettings', 'set', '--account-lockout-threshold=5']);

  return {
    domain,
    network,
    directory,
    keytab,
    async user(name) {
      await domain.createUser(name, password);
      return name;
    },
    async attribute(name, attribute) {
      const found = await domain.search(`(sAMAccountName=${name})`, [attribute]);
      return new RegExp(`^${attribute}: (.*)$`, 'm').exec(found)?.[1];
    },
    async setAttribute(name, attribute, value) {
      const dn = `CN=${name},CN=Users,${domain.baseDn}`;
      await domain.modify(
        `dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n-\n`,
      );
    },
    async dispose() {
      await domain.dispose();
      await network.release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
