import { type SqlServerProcess, startSqlServerProcess } from '../../../../local/testing/sql-server.ts';
import type { KerberosSite } from './kerberos-site.ts';

/** The site's SQL Server, with a database `Music` that belongs to the directory user. */
export async function startMusicServer(
  site: KerberosSite,
  ...statements: readonly string[]
): Promise<SqlServerProcess> {
  const server = await startSqlServerProcess(site);
  await server.administer(
    'CREATE LOGIN [CORP\\db-user] FROM WINDOWS',
    'CREATE DATABASE Music',
    'USE Music',
    'CREATE USER [CORP\\db-user] FOR LOGIN [CORP\\db-user]',
    'ALTER ROLE db_owner ADD MEMBER [CORP\\db-user]',
    ...statements,
  );
  return server;
}
