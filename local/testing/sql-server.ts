import { readFile } from 'node:fs/promises';
import type { DatabaseServer } from '../database/server.ts';
import { type StandInOptions, standInServer } from '../database/stand-in-server.ts';
import { givenTestServer } from './given-sql-server.ts';
import type { KerberosSite } from './kerberos-site.ts';

export const tlsName = 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';

export interface SqlServerProcess extends DatabaseServer {
  /** PEM of the authority. */
  readonly ca: string;
}

export type SqlServerProcessOptions = Partial<
  Pick<StandInOptions, 'name' | 'port' | 'keytab' | 'sspiToken' | 'refusalToken' | 'routeTo'>
>;

/**
 * Starts a SQL Server on the site's address, with the site's keytab: the server that TEST_SQL_SERVER names, or the stand-in.
 * With options it is always the stand-in, as no other server does what they ask for.
 */
export async function startSqlServerProcess(
  site: KerberosSite,
  options: SqlServerProcessOptions = {},
): Promise<SqlServerProcess> {
  const { domain, address, directory } = site;
  const common = { address, renewKey: site.renewKey };
  const given = Object.keys(options).length === 0 ? await givenTestServer(common, site.keytab) : undefined;
  if (given) return await withAuthority(given);
  const server = standInServer({
    ...common,
    tlsName,
    administrator: { username: 'admin', password: 'Adm1n of this test' },
    domain,
    keytab: site.keytab,
    environment: { KRB5_CONFIG: domain.krb5Conf },
    stateDirectory: directory,
    ...options,
  });
  await server.start();
  return await withAuthority(server);
}

async function withAuthority(server: DatabaseServer): Promise<SqlServerProcess> {
  return { ...server, ca: await readFile(server.authorityFile, 'utf8') };
}
