import { readFile } from 'node:fs/promises';
import { Connection, Request } from 'tedious';
import type { DatabaseServer, Row } from './server.ts';

type Address = Pick<DatabaseServer, 'address' | 'port' | 'tlsName' | 'authorityFile' | 'administrator'>;

/** Connects with the administrator's SQL login over verified TLS, with plain tedious and none of our own code. */
export async function connectAsAdministrator(server: Address): Promise<Connection> {
  const { address, port, tlsName, authorityFile, administrator } = server;
  const connection = new Connection({
    server: address,
    authentication: {
      type: 'default',
      options: { userName: administrator.username, password: administrator.password },
    },
    options: {
      port,
      encrypt: true,
      serverName: tlsName,
      cryptoCredentialsDetails: { ca: await readFile(authorityFile) },
      rowCollectionOnRequestCompletion: true,
    },
  });
  // A running request gets the error, too; without a listener here, it would end the process.
  connection.on('error', () => {});
  return await new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)));
  });
}

/**
 * Runs batches one after the other, in a connection that is closed afterwards.
 *
 * @returns the rows of the last batch
 * @throws the server's first error
 */
export async function administer(server: Address, batches: readonly string[]): Promise<readonly Row[]> {
  const connection = await connectAsAdministrator(server);
  try {
    let rows: readonly Row[] = [];
    for (const batch of batches) rows = await runBatch(connection, batch);
    return rows;
  } finally {
    connection.close();
  }
}

function runBatch(connection: Connection, sql: string): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const request = new Request(sql, (error, _count, rows) => {
      if (error) reject(error instanceof AggregateError ? error.errors[0] : error);
      else resolve(((rows ?? []) as Column[][]).map(toRow));
    });
    connection.execSqlBatch(request);
  });
}

interface Column {
  readonly metadata: { readonly colName: string };
  readonly value: unknown;
}

const toRow = (columns: readonly Column[]): Row =>
  Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value]));
