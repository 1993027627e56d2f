import type { DatabaseServer } from '../database/server.ts';
import { startSqlServer } from '../database/stand-in/server.ts';
import { given, givenTestServer } from './given-sql-server.ts';

export const administrator = given?.administrator ?? { username: 'admin', password: "Admin's Passw0rd" };
export const tlsName = given?.tlsName ?? 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';

/** The address of a server, and how to stop it. */
export type TestDatabase = Pick<
  DatabaseServer,
  'address' | 'port' | 'tlsName' | 'authorityFile' | 'administrator' | 'stop'
>;

/**
 * Starts a SQL Server on a free port of 127.0.0.1 for tests of SQL logins, which need no domain: the server that
 * TEST_SQL_SERVER names, or the stand-in in this process.
 *
 * @param options `standIn`: use the stand-in in any case, for a second server
 */
export async function startSqlServerWithoutDomain({ standIn = false } = {}): Promise<TestDatabase> {
  const address = '127.0.0.1';
  const external = standIn ? undefined : await givenTestServer({ address, port: 0 });
  if (external) return external;
  const server = await startSqlServer({
    address,
    port: 0,
    instance: 'music-db',
    tlsName,
    domain: { realm: 'CORP.EXAMPLE.COM', netbiosName: 'CORP' },
    administrator,
  });
  return {
    address,
    port: server.port,
    tlsName,
    authorityFile: server.caFile,
    administrator,
    stop: () => server.stop(),
  };
}
