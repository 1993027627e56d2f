import { Request, RequestError } from 'tedious';
import type { Connection } from './connection.ts';
import { queryError } from './errors/query-error.ts';
import { assertKnown, assertSignal } from './known-settings.ts';
import { after, checkedLimit } from './limits.ts';
import { shown } from './parameters/data-type.ts';
import { addParameter, type ParameterValue } from './parameters/parameter-value.ts';
import { RowReader } from './row-reader.ts';

export interface QueryOptions {
  /** Cancels the query (attention, [MS-TDS] 2.2.1.7) when aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Time limit for the whole query, including reading all of its rows; `Infinity` for no limit.
   * Default: `options.requestTimeout` of the connection (15000).
   */
  readonly timeoutMilliseconds?: number | undefined;
}

export interface QueryResult<Row> {
  /** The rows of all result sets in order, as objects keyed by column name. */
  readonly rows: Row[];
  /** Number of rows returned or changed. */
  readonly rowCount: number;
}

/** How long to wait for the server to confirm a cancellation before the promise is rejected anyway, in milliseconds. */
const grace = 100;

/** Connections whose last query was canceled, until the server has confirmed that. */
const windingUp = new WeakMap<Connection, Promise<void>>();

/** Resolves once the server has ended a canceled query or the connection is closed; undefined if there is no such query. */
export function woundUp(connection: Connection): Promise<void> | undefined {
  return windingUp.get(connection);
}

/**
 * Runs one statement with named parameters (`@name` in the statement, `name` in `parameters`) through `sp_executesql`.
 * The statement is sent once; it is not retried after an error.
 *
 * A query that takes too long is canceled 100 ms before its limit (halfway, if the limit is below 200 ms), so that the
 * promise settles in time. An aborted query is canceled immediately. If the server does not confirm the cancellation soon,
 * it goes on in the background after the promise is rejected: the next `query` on the connection waits for it, and the
 * connection is closed after `options.cancelTimeout`.
 *
 * @throws RequestError with a `code`: `EREQUEST` (the server's error, with its `number`), `UNKNOWN` (the server reports a
 *   failure without an error), `EPARAM` (a parameter cannot be sent unchanged), `ECOLUMNS` (two columns with the same name),
 *   `EOPTION` (`columnNameReplacer` failed), `ETIMEOUT`, `ECANCEL`, `CONNECTION_LOST` (with its `cause`), `ECLOSE` (this
 *   process closed the connection), `EINVALIDSTATE` (another request is in progress)
 * @throws RangeError for an invalid time limit
 * @throws TypeError for a connection of another package, a statement that is not a string, parameters that are not an object
 *   of names and values, or an unknown option
 */
export function query<Row = Record<string, unknown>>(
  connection: Connection,
  sql: string,
  parameters: Readonly<Record<string, ParameterValue>> = {},
  options: QueryOptions = {},
): Promise<QueryResult<Row>> {
  return new Promise((resolve, reject) => {
    assertOptions(options);
    const { signal, timeoutMilliseconds } = options;
    assertStatement(sql, parameters);
    if (signal?.aborted) return reject(canceled(signal));
    const limit = limitOf(connection, timeoutMilliseconds);
    const reader = new RowReader<Row>();
    let state: 'waiting' | 'running' | 'over' = 'waiting';
    let givenUp: { readonly because: RequestError; readonly windUp: () => void } | undefined;
    const request = new Request(sql, (error, rowCount) => {
      givenUp?.windUp();
      if (givenUp) settle(() => reject(givenUp?.because));
      else if (error) settle(() => reject(explained(error)));
      else if (reader.problem) settle(() => reject(reader.problem));
      else settle(() => resolve({ rows: reader.rows, rowCount: rowCount ?? 0 }));
    });
    const onAbort = () => giveUp(canceled(signal as AbortSignal));
    const confirming = Math.min(grace, limit / 2);
    let stopClock = after(limit - confirming, () =>
      giveUp(new RequestError(`The query took longer than ${limit} ms.`, 'ETIMEOUT'), confirming),
    );

    function settle(tell: () => void): void {
      if (state === 'over') return;
      state = 'over';
      stopClock();
      signal?.removeEventListener('abort', onAbort);
      tell();
    }
    function giveUp(because: RequestError, confirmingWithin = grace): void {
      if (givenUp) return;
      if (state === 'waiting') {
        settle(() => reject(because));
        return;
      }
      const { promise, resolve: wound } = Promise.withResolvers<void>();
      const windUp = () => {
        windingUp.delete(connection);
        wound();
      };
      givenUp = { because, windUp };
      windingUp.set(connection, promise);
      stopClock();
      stopClock = after(confirmingWithin, () => settle(() => reject(because)));
      request.cancel();
    }
    function explained(error: Error): Error {
      const said = (request as { error?: Error }).error;
      const lost = connection.ended ? connection.peer : undefined;
      return withHint(queryError(error, said, lost), parameters);
    }
    function start(): void {
      if (state === 'over') return;
      state = 'running';
      connection.execSql(request);
    }

    try {
      for (const [name, value] of Object.entries(parameters)) addParameter(request, name, value);
    } catch (error) {
      return settle(() => reject(error));
    }
    request.on('columnMetadata', reader.onColumns);
    request.on('row', reader.onRow);
    // tedious stops its timer at the first row, so we turn it off and use our own.
    request.setTimeout(0);
    signal?.addEventListener('abort', onAbort, { once: true });
    const before = windingUp.get(connection);
    if (before) before.then(start);
    else start();
  });
}

/** @throws TypeError unless it is a connection of this package; RangeError for an invalid limit */
function limitOf(connection: Connection | null | undefined, given: number | undefined): number {
  const limit = given ?? connection?.requestLimit;
  if (connection && limit !== undefined) return checkedLimit('timeoutMilliseconds', limit);
  throw new TypeError(
    `The connection is ${shown(connection)}, but must come from tedious-kerberos: from connect() or a pool.`,
  );
}

/** @throws TypeError */
function assertOptions(options: unknown): asserts options is QueryOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `The options of a query must be an object, { signal, timeoutMilliseconds }, not ${shown(options)}.`,
    );
  }
  assertKnown('A query', options, ['signal', 'timeoutMilliseconds']);
  assertSignal((options as QueryOptions).signal);
}

/** tedious sends NULL for an undefined statement, and the server accepts that without running anything. @throws TypeError */
function assertStatement(sql: unknown, parameters: unknown): void {
  if (typeof sql !== 'string') throw new TypeError(`A statement must be a string, not ${shown(sql)}.`);
  const named = typeof parameters === 'object' && parameters !== null && !(Symbol.iterator in parameters);
  if (!named) {
    throw new TypeError(`Parameters must be an object, { name: value }, not ${shown(parameters)}.`);
  }
}

function canceled(signal: AbortSignal): RequestError {
  return new RequestError('The query was canceled by its caller.', 'ECANCEL', { cause: signal.reason });
}

/** Error 257: the server does not convert nvarchar to the column's type. An untyped null, sent as nvarchar, may be why. */
function withHint(error: RequestError, parameters: Readonly<Record<string, unknown>>): RequestError {
  const nulls = Object.keys(parameters).filter((name) => parameters[name] === null);
  if (error.number === 257 && nulls.length > 0) {
    const names = nulls.map((name) => `"${name}"`).join(', ');
    error.message += ` A null without a type (${names}) is sent as nvarchar: give { type: TYPES.VarBinary, value: null } instead.`;
  }
  return error;
}
