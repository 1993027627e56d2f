import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection, Request } from 'tedious';
import { logTail, startProcess } from '../processes/managed-process.ts';
import { within } from '../processes/within.ts';
import type { KerberosSite } from './kerberos-site.ts';

export const tlsName = 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';
const administrator = { username: 'admin', password: 'Adm1n of this test' };
const main = fileURLToPath(new URL('../database/stand-in/main.ts', import.meta.url));

export interface SqlServerProcess {
  readonly port: number;
  /** PEM of the authority. */
  readonly ca: string;
  /** Runs statements with a SQL login that may do everything. */
  administer(...statements: string[]): Promise<void>;
  stop(): Promise<void>;
}

export interface SqlServerProcessOptions {
  readonly name?: string;
  readonly port?: number;
  readonly keytab?: string;
  readonly sspiToken?: 'with-login' | 'before-login';
  readonly routeTo?: string;
}

/** Starts the SQL Server stand-in on the site's address, as a process that has the site's keytab. */
export async function startSqlServerProcess(
  site: KerberosSite,
  options: SqlServerProcessOptions = {},
): Promise<SqlServerProcess> {
  const { name = 'sql-server', port = 1433, keytab = site.keytab, sspiToken, routeTo } = options;
  const certificates = join(site.directory, `${name}-tls`);
  const logFile = join(site.directory, `${name}.log`);
  await rm(logFile, { force: true });
  const server = await startProcess({
    name,
    logFile,
    command: process.execPath,
    args: [main],
    stateDirectory: site.directory,
    environment: {
      PATH: process.env.PATH,
      KRB5_CONFIG: site.domain.krb5Conf,
      SQL_SERVER_ADDRESS: site.address,
      SQL_SERVER_PORT: String(port),
      SQL_SERVER_TLS_NAME: tlsName,
      SQL_SERVER_CERTIFICATE_DIRECTORY: certificates,
      SQL_SERVER_STORAGE_DIRECTORY: join(site.directory, `${name}-data`),
      SQL_SERVER_KEYTAB: keytab,
      SQL_SERVER_REALM: site.domain.realm,
      SQL_SERVER_NETBIOS_NAME: site.domain.netbiosName,
      SQL_SERVER_ADMIN_USERNAME: administrator.username,
      SQL_SERVER_ADMIN_PASSWORD: administrator.password,
      ...(sspiToken ? { SQL_SERVER_SSPI_TOKEN: sspiToken } : {}),
      ...(routeTo ? { SQL_SERVER_ROUTE_TO: routeTo } : {}),
    },
  });
  const listening = () => logTail(logFile, 50).includes('"listening"');
  await within(20_000, () => !server.running || listening());
  if (!listening()) {
    await server.stop();
    throw new Error(`The SQL Server stand-in did not start: ${logTail(logFile)}`);
  }
  const ca = await readFile(join(certificates, 'ca.pem'), 'utf8');
  return {
    port,
    ca,
    async administer(...statements) {
      const connection = await administratorConnection(site.address, port, ca);
      for (const statement of statements) await execute(connection, statement);
      connection.close();
    },
    stop: () => server.stop(),
  };
}

/** A connection with a SQL login: tedious itself, without anything of ours. */
export function administratorConnection(server: string, port: number, ca: string): Promise<Connection> {
  const connection = new Connection({
    server,
    authentication: {
      type: 'default',
      options: { userName: administrator.username, password: administrator.password },
    },
    options: { port, encrypt: true, serverName: tlsName, cryptoCredentialsDetails: { ca } },
  });
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

function execute(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.execSqlBatch(new Request(sql, (error) => (error ? reject(error) : resolve())));
  });
}
