import { Connection, type ConnectionError, Request, type RequestError } from 'tedious';
import { ProvisioningError } from '../provisioning-error.ts';
import { type SqlRow, SqlServerError, type SqlSession, unevenTransactions } from './sql-session.ts';

export interface SqlServerAddress {
  /** Host name or address to connect to. */
  readonly host: string;
  /** Default 1433. */
  readonly port?: number;
  /** The name that the certificate must be for; default: `host`. */
  readonly tlsName?: string;
  /** PEM certificates of the authorities trusted to issue that certificate. */
  readonly authorities: string | readonly string[];
  /** Milliseconds for connecting and logging in; default 15 seconds. */
  readonly connectLimit?: number;
}

export interface SqlCredentials {
  readonly username: string;
  readonly password: string;
}

/** Milliseconds for one batch of a script. */
const batchLimit = 10 * 60_000;

/**
 * Connects with a SQL login over verified TLS.
 *
 * @throws ProvisioningError naming cause and remedy: `LoginRefusedError` or `ServerUnreachableError` if a retry may
 *   help
 */
export async function connectSqlServer(
  address: SqlServerAddress,
  credentials: SqlCredentials,
): Promise<SqlSession> {
  const { host, port = 1433, tlsName = host, authorities, connectLimit = 15_000 } = address;
  const connection = new Connection({
    server: host,
    authentication: {
      type: 'default',
      options: { userName: credentials.username, password: credentials.password },
    },
    options: {
      port,
      encrypt: true,
      trustServerCertificate: false,
      serverName: tlsName,
      cryptoCredentialsDetails: { ca: [authorities].flat() },
      appName: 'provisioning',
      connectTimeout: connectLimit,
      requestTimeout: batchLimit,
      rowCollectionOnRequestCompletion: true,
      useColumnNames: false,
    },
  });
  // The request in progress reports the error; without a listener it would end the process.
  connection.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(explained(error, `${host}:${port}`, tlsName)) : resolve()));
  });
  return { batch: (sql) => runBatch(connection, sql), close: () => connection.close() };
}

/** The server refused user name and password, which may just have been rotated. */
export class LoginRefusedError extends ProvisioningError {}

/** The connection failed: the server, or the path to it, may not be ready yet. */
export class ServerUnreachableError extends ProvisioningError {}

function runBatch(connection: Connection, sql: string): Promise<readonly SqlRow[]> {
  return new Promise((resolve, reject) => {
    const request = new Request(sql, (error, _count, rows) => {
      if (error) reject(serverError(error));
      else resolve(((rows ?? []) as Column[][]).map(toRow));
    });
    connection.execSqlBatch(request);
  });
}

interface Column {
  readonly metadata: { readonly colName: string };
  readonly value: unknown;
}

function toRow(columns: readonly Column[]): SqlRow {
  return Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value]));
}

function serverError(error: Error): Error {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  // The first error is the cause of the others, except for the count of transactions at the end of a procedure.
  const first = errors.find((one) => (one as RequestError).number !== unevenTransactions) ?? errors[0];
  const { number, lineNumber, procName } = first as RequestError;
  if (number === undefined) return first as Error;
  return new SqlServerError((first as Error).message, number, lineNumber ?? 0, procName || undefined);
}

function explained(error: Error, where: string, tlsName: string): ProvisioningError {
  const options = { cause: error };
  const { code } = error as ConnectionError;
  if (code === 'ELOGIN') {
    return new LoginRefusedError(
      `SQL Server at ${where} refuses the administrator (${oneLine(error)}): check that the admin secret is the one of ` +
        'this instance.',
      options,
    );
  }
  const cause = error.cause instanceof Error ? error.cause : error;
  if (/certificate|altname|self.signed|issuer/i.test(`${cause.message} ${error.message}`)) {
    return new ProvisioningError(
      `The certificate of SQL Server at ${where} is not valid for ${tlsName} (${oneLine(cause)}): check the TLS name, ` +
        'and that the authorities are those of RDS.',
      options,
    );
  }
  return new ServerUnreachableError(
    `SQL Server at ${where} cannot be reached (${oneLine(cause)}): check that the instance is available and its security ` +
      'group lets this function in.',
    options,
  );
}

function oneLine(error: Error): string {
  return error.message.replaceAll(/\s+/g, ' ').replace(/\.$/, '');
}
