import { Request, TYPES } from 'tedious';
import type { Connection } from './connection.ts';

type DataType = (typeof TYPES)[keyof typeof TYPES];

/** A value whose SQL type is chosen, not inferred. */
export interface TypedValue {
  readonly type: DataType;
  readonly value: unknown;
}

/** Inferred: string → nvarchar, boolean → bit, integer → int or bigint, number → float, Date → datetime2, bytes → varbinary. */
export type ParameterValue = string | number | bigint | boolean | Date | Buffer | null | TypedValue;

export interface QueryOptions {
  /** Cancels the query (attention, [MS-TDS] 2.2.1.7) when aborted; the connection stays usable. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit of the query. Default: `options.requestTimeout` of the connection (15000). */
  readonly timeoutMilliseconds?: number | undefined;
}

export interface QueryResult<Row> {
  /** The rows of all result sets in order, by column name. */
  readonly rows: Row[];
  /** Rows returned or changed. */
  readonly rowCount: number;
}

/**
 * Runs one statement with named parameters (`@name` in the text, `name` here) through `sp_executesql`.
 * Runs it once: nothing is repeated after an error.
 *
 * @throws RequestError of tedious: `EREQUEST` with the server's `number`, `ETIMEOUT`, `ECANCEL`, `ECLOSE`
 */
export function query<Row = Record<string, unknown>>(
  connection: Connection,
  sql: string,
  parameters: Readonly<Record<string, ParameterValue>> = {},
  { signal, timeoutMilliseconds }: QueryOptions = {},
): Promise<QueryResult<Row>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const rows: Row[] = [];
    const onAbort = () => request.cancel();
    const request = new Request(sql, (error, rowCount) => {
      signal?.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve({ rows, rowCount: rowCount ?? 0 });
    });
    request.on('row', (columns: { metadata: { colName: string }; value: unknown }[]) => {
      rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])) as Row);
    });
    for (const [name, value] of Object.entries(parameters)) {
      const typed = typedValue(value);
      request.addParameter(name, typed.type, typed.value);
    }
    if (timeoutMilliseconds !== undefined) request.setTimeout(timeoutMilliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
    connection.execSql(request);
  });
}

function typedValue(value: ParameterValue): TypedValue {
  if (typeof value === 'string' || value === null) return { type: TYPES.NVarChar, value };
  if (typeof value === 'boolean') return { type: TYPES.Bit, value };
  if (typeof value === 'bigint') return { type: TYPES.BigInt, value };
  if (typeof value === 'number') return { type: numberType(value), value };
  if (value instanceof Date) return { type: TYPES.DateTime2, value };
  if (Buffer.isBuffer(value)) return { type: TYPES.VarBinary, value };
  return value;
}

function numberType(value: number): DataType {
  if (!Number.isSafeInteger(value)) return TYPES.Float;
  return Math.abs(value) <= 0x7fffffff ? TYPES.Int : TYPES.BigInt;
}
