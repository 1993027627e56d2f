import { readFile } from 'node:fs/promises';
import { type StandInOptions, standInServer } from '../database/stand-in-server.ts';
import { given, givenTestServer, type TestServer } from './given-sql-server.ts';
import type { KerberosSite } from './kerberos-site.ts';

export const tlsName = given?.tlsName ?? 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';

export interface SqlServerProcess extends TestServer {
  /** The CA, PEM. */
  readonly ca: string;
}

export type SqlServerProcessOptions = Partial<
  Pick<StandInOptions, 'name' | 'port' | 'keytab' | 'sspiToken' | 'routeTo'>
>;

/**
 * Starts a SQL Server on the site's address, with the site's keytab: the server that TEST_SQL_SERVER names, or the
 * stand-in. With options it is always the stand-in, because other servers do not support them.
 */
export async function startSqlServerProcess(
  site: KerberosSite,
  options: SqlServerProcessOptions = {},
): Promise<SqlServerProcess> {
  const { domain, address, directory } = site;
  const common = { address, renewKey: site.renewKey };
  const external = Object.keys(options).length === 0 ? await givenTestServer(common, site.keytab) : undefined;
  if (external) return await withAuthority(external);
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
  return await withAuthority({ ...server, interrupt: () => server.stop() });
}

async function withAuthority(server: TestServer): Promise<SqlServerProcess> {
  return { ...server, ca: await readFile(server.authorityFile, 'utf8') };
}
