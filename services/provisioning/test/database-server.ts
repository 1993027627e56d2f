import { readFileSync } from 'node:fs';
import { type SqlServer, startSqlServer } from '../../../local/database/stand-in/server.ts';
import {
  connectSqlServer,
  type DatabaseOptions,
  type Script,
  type SqlCredentials,
  type SqlServerAddress,
  type SqlSession,
} from '../src/index.ts';

export const admin = { username: 'admin', password: "Admin's Passw0rd" };
export const tlsName = 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';

/** A SQL Server stand-in on a free port, and the ways into it. */
export interface TestServer {
  readonly server: SqlServer;
  readonly address: SqlServerAddress;
  connect(credentials?: SqlCredentials): Promise<SqlSession>;
  /** The rows of a query, as the administrator sees them. */
  query(database: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Options for a database of its own, with a login of its own. */
  options(name: string, more?: Partial<DatabaseOptions>): DatabaseOptions;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const server = await startSqlServer({
    address: '127.0.0.1',
    port: 0,
    instance: 'music-db',
    tlsName,
    netbiosName: 'CORP',
    admin,
  });
  const address = {
    host: '127.0.0.1',
    port: server.port,
    tlsName,
    authorities: readFileSync(server.caFile, 'utf8'),
  };
  const connect = (credentials: SqlCredentials = admin) => connectSqlServer(address, credentials);
  return {
    server,
    address,
    connect,
    async query(database, sql) {
      const session = await connect();
      try {
        await session.batch(`USE [${database}]`);
        return await session.batch(sql);
      } finally {
        session.close();
      }
    },
    options: (name, more) => ({
      connect,
      administrator: async () => admin,
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
