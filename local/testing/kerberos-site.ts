import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Domain, startDomain } from '../directory/domain.ts';
import { claimLoopbackNetwork } from '../directory/loopback-network.ts';

export interface KinitOptions {
  /** Obtain a ticket for this service, instead of a ticket-granting ticket. */
  readonly service?: string;
  /** In seconds. */
  readonly lifetime?: number;
  /** The time that kinit sees, in the format of faketime(1). */
  readonly clock?: string;
  /** Default: the site's user. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** A domain with a directory user, the account that SQL Server runs as, and a host name for the server. */
export interface KerberosSite {
  readonly domain: Domain;
  readonly directory: string;
  readonly host: string;
  readonly address: string;
  readonly spn: string;
  readonly keytab: string;
  /** Gives SQL Server's account a new password; the keytab then contains only its new key. */
  renewKey(): Promise<void>;
  readonly user: { readonly name: string; readonly password: string };
  /** Obtains a ticket into a new credential cache and returns the cache file. */
  kinit(name: string, options?: KinitOptions): Promise<string>;
  dispose(): Promise<void>;
}

/** Starts the domain on its own network, in a folder that `dispose` removes. Needs root, and takes some seconds. */
export async function startKerberosSite(): Promise<KerberosSite> {
  const directory = await mkdtemp(join(tmpdir(), 'tedious-kerberos-'));
  const network = await claimLoopbackNetwork();
  const domain = await startDomain({ network, stateDirectory: directory });
  const user = { name: 'db-user', password: 'Correct horse 1 "battery"' };
  const host = `music-db.${domain.name}`;
  const spn = `MSSQLSvc/${host}:1433`;
  const keytab = join(directory, 'sql-server.keytab');
  await domain.createUser(user.name, user.password);
  const renewKey = () => domain.createServiceAccount({ name: 'sql-server', spns: [spn], keytab });
  await renewKey();
  await domain.addHost('music-db', network.address(20));
  return {
    domain,
    directory,
    host,
    address: network.address(20),
    spn,
    keytab,
    renewKey,
    user,
    async kinit(name, { service, lifetime, clock, user: client = user } = {}) {
      const file = join(directory, name);
      const options = [
        ...(service ? ['-S', service] : []),
        ...(lifetime ? ['-l', `${lifetime}s`] : []),
        ...['-c', `FILE:${file}`, client.name],
      ];
      const command = clock ? ['faketime', '-f', clock, 'kinit', ...options] : ['kinit', ...options];
      const env = { KRB5_CONFIG: domain.krb5Conf };
      await execa(command[0] as string, command.slice(1), { env, input: client.password });
      return file;
    },
    async dispose() {
      await domain.dispose();
      await network.release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
