import { readFileSync } from 'node:fs';
import { Connection, type ConnectionConfiguration, Request, TYPES } from 'tedious';
import { type SqlServer, type SqlServerOptions, startSqlServer } from '../server.ts';

export const tlsName = 'music-db.abcdefghijkl.eu-central-1.rds.amazonaws.com';
export const admin = { username: 'admin', password: 'Admin-Passw0rd ' };

/** A stand-in on a free port, its data gone when it stops. */
export function startTestServer(options: Partial<SqlServerOptions> = {}): Promise<SqlServer> {
  return startSqlServer({ address: '127.0.0.1', port: 0, instance: 'music-db', tlsName, admin, ...options });
}

export type Row = Record<string, unknown>;

export interface ClientOptions {
  readonly username?: string;
  readonly password?: string;
  readonly options?: ConnectionConfiguration['options'];
}

/** What a statement did, as tedious tells it. */
export class SqlFailure extends Error {
  readonly numbers: number[];

  /** @param told what the server said before, where tedious' own error does not repeat it */
  constructor(error: Error, told?: readonly number[]) {
    super(error.message);
    const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error];
    this.numbers = told ? [...told] : errors.map((one) => (one as Error & { number?: number }).number ?? 0);
    if (error instanceof AggregateError) this.message = errors.map((one) => one.message).join('\n');
  }
}

/** A connection of unmodified tedious, with promises. */
export class TestClient {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  static connect(
    server: SqlServer,
    { username, password, options }: ClientOptions = {},
  ): Promise<TestClient> {
    const connection = new Connection({
      server: '127.0.0.1',
      authentication: {
        type: 'default',
        options: { userName: username ?? admin.username, password: password ?? admin.password },
      },
      options: {
        port: server.port,
        encrypt: true,
        serverName: tlsName,
        cryptoCredentialsDetails: { ca: readFileSync(server.caFile) },
        connectTimeout: 10_000,
        rowCollectionOnRequestCompletion: true,
        ...options,
      },
    });
    connection.on('error', () => {});
    const told: number[] = [];
    connection.on('errorMessage', ({ number }) => told.push(number));
    return new Promise((resolve, reject) => {
      connection.connect((error) =>
        error ? reject(new SqlFailure(error, told)) : resolve(new TestClient(connection)),
      );
    });
  }

  /** Runs a batch; the rows of all its results. */
  batch(sql: string): Promise<Row[]> {
    return this.run(sql, (request) => this.connection.execSqlBatch(request));
  }

  /** Runs a statement through `sp_executesql`; types follow from the values. */
  query(sql: string, parameters: Row = {}): Promise<Row[]> {
    return this.run(sql, (request) => {
      for (const [name, value] of Object.entries(parameters))
        request.addParameter(name, typeOf(value), value);
      this.connection.execSql(request);
    });
  }

  run(sql: string, send: (request: Request) => void): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const request = new Request(sql, (error, _count, rows) => {
        if (error) reject(new SqlFailure(error));
        else resolve(((rows ?? []) as { metadata: { colName: string }; value: unknown }[][]).map(toRow));
      });
      send(request);
    });
  }

  /** Tells tedious' callbacks apart: `call` gives its last argument. */
  callback(call: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      call((error) => (error ? reject(new SqlFailure(error)) : resolve()));
    });
  }

  close(): void {
    this.connection.close();
  }
}

const toRow = (row: { metadata: { colName: string }; value: unknown }[]): Row =>
  Object.fromEntries(row.map(({ metadata, value }) => [metadata.colName, value]));

function typeOf(value: unknown) {
  if (typeof value === 'number') return Number.isInteger(value) ? TYPES.Int : TYPES.Float;
  if (typeof value === 'bigint') return TYPES.BigInt;
  if (typeof value === 'boolean') return TYPES.Bit;
  if (value instanceof Date) return TYPES.DateTime2;
  if (value instanceof Uint8Array) return TYPES.VarBinary;
  return TYPES.NVarChar;
}
