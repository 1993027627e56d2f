import { readFile } from 'node:fs/promises';
import { administer } from '../../../local/database/administer.ts';
import { startSqlServerWithoutDomain } from '../../../local/testing/sql-server-without-domain.ts';
import {
  connectSqlServer,
  type DatabaseOptions,
  type Script,
  type SqlCredentials,
  type SqlServerAddress,
  type SqlSession,
} from '../src/index.ts';

export { administrator as admin, tlsName } from '../../../local/testing/sql-server-without-domain.ts';

/** A SQL Server on a free port, and ways to use it. */
export interface TestServer {
  readonly address: SqlServerAddress;
  connect(credentials?: SqlCredentials): Promise<SqlSession>;
  /** The rows of a query, as the administrator sees them. */
  query(database: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  /** The roles that a user has in a database, by name. */
  rolesOf(database: string, user: string): Promise<readonly unknown[]>;
  /** Options for a database and a login of that name. */
  options(name: string, more?: Partial<DatabaseOptions>): DatabaseOptions;
  stop(): Promise<void>;
}

/** @param options `standIn`: start a stand-in even if TEST_SQL_SERVER names a server, for a second server */
export async function startTestServer(options: { readonly standIn?: boolean } = {}): Promise<TestServer> {
  const server = await startSqlServerWithoutDomain(options);
  const { administrator, tlsName } = server;
  const address = {
    host: server.address,
    port: server.port,
    tlsName,
    authorities: await readFile(server.authorityFile, 'utf8'),
  };
  const connect = (credentials: SqlCredentials = administrator) => connectSqlServer(address, credentials);
  const query: TestServer['query'] = (database, sql) => administer(server, [`USE [${database}]`, sql]);
  return {
    address,
    connect,
    query,
    rolesOf: async (database, user) => {
      const rows = await query(
        database,
        `SELECT r.name FROM sys.database_role_members AS m JOIN sys.database_principals AS r
           ON r.principal_id = m.role_principal_id WHERE m.member_principal_id = DATABASE_PRINCIPAL_ID(N'${user}')
         ORDER BY r.name`,
      );
      return rows.map(({ name }) => name);
    },
    options: (name, more) => ({
      connect,
      administrator: async () => administrator,
      database: name,
      login: `CORP\\${name}`,
      owner: 'test',
      limit: 1000,
      ...more,
    }),
    stop: () => server.stop(),
  };
}

export function script(name: string, text: string): Script {
  return { name, text, sha256: Buffer.from(text).toString('hex').slice(-64).padStart(64, '0') };
}
