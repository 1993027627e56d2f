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
   * Time limit of the query, all of its rows included; `Infinity` for none.
   * Default: `options.requestTimeout` of the connection (15000).
   */
  readonly timeoutMilliseconds?: number | undefined;
}

export interface QueryResult<Row> {
  /** The rows of all result sets in order, by column name. */
  readonly rows: Row[];
  /** Rows returned or changed. */
  readonly rowCount: number;
}

/** How long the server may take at most to confirm that a query was given up, before the caller is told all the same. */
const grace = 100;

/** Connections whose last query was given up, until the server has confirmed that. */
const windingUp = new WeakMap<Connection, Promise<void>>();

/** Resolves when a query that was given up on the connection is over at the server, or the connection is closed. */
export function woundUp(connection: Connection): Promise<void> | undefined {
  return windingUp.get(connection);
}

/**
 * Runs one statement with named parameters (`@name` in the text, `name` here) through `sp_executesql`.
 * Runs it once: nothing is repeated after an error.
 *
 * A query that takes too long is canceled 100 ms before its limit, so that the limit holds (below 200 ms: at half of it);
 * one that is aborted, at once. Where the server does not confirm that soon, canceling goes on after the query was rejected:
 * the next `query` on the connection waits for it, and after `options.cancelTimeout` the connection is closed.
 *
 * @throws RequestError with a `code`: `EREQUEST` (the server's error, with its `number`), `UNKNOWN` (it failed, the server
 * says, without an error), `EPARAM` (a value that no type takes as it is), `ECOLUMNS` (two columns of one name), `ETIMEOUT`,
 * `ECANCEL`, `CONNECTION_LOST` (with its `cause`), `ECLOSE` (closed by this process), `EINVALIDSTATE` (another request is
 * under way)
 * @throws RangeError for a time limit that is none
 * @throws TypeError for a connection of something else, a statement that is no text, parameters without names, and an
 * option that there is not
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
    // tedious stops its clock at the first row: ours is the limit.
    request.setTimeout(0);
    signal?.addEventListener('abort', onAbort, { once: true });
    const before = windingUp.get(connection);
    if (before) before.then(start);
    else start();
  });
}

/** @throws TypeError for what is no connection, or one of tedious' own without a limit; RangeError */
function limitOf(connection: Connection | null | undefined, given: number | undefined): number {
  const limit = given ?? connection?.requestLimit;
  if (connection && limit !== undefined) return checkedLimit('timeoutMilliseconds', limit);
  throw new TypeError(
    `The connection is ${shown(connection)}, but must be one of tedious-kerberos: of connect() or of a pool.`,
  );
}

/** @throws TypeError */
function assertOptions(options: unknown): asserts options is QueryOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `Options of a query are an object, { signal, timeoutMilliseconds }, not ${shown(options)}.`,
    );
  }
  assertKnown('A query', options, ['signal', 'timeoutMilliseconds']);
  assertSignal((options as QueryOptions).signal);
}

/** tedious sends NULL for a statement that is undefined, and the server runs nothing, content. @throws TypeError */
function assertStatement(sql: unknown, parameters: unknown): void {
  if (typeof sql !== 'string') throw new TypeError(`A statement is a text, not ${shown(sql)}.`);
  const named = typeof parameters === 'object' && parameters !== null && !(Symbol.iterator in parameters);
  if (!named) {
    throw new TypeError(`Parameters are an object, { name: value }, not ${shown(parameters)}.`);
  }
}

function canceled(signal: AbortSignal): RequestError {
  return new RequestError('The query was canceled by its caller.', 'ECANCEL', { cause: signal.reason });
}

/** Error 257: the server does not make of an nvarchar what the column is. A null without a type may be the reason. */
function withHint(error: RequestError, parameters: Readonly<Record<string, unknown>>): RequestError {
  const nulls = Object.keys(parameters).filter((name) => parameters[name] === null);
  if (error.number === 257 && nulls.length > 0) {
    const names = nulls.map((name) => `"${name}"`).join(', ');
    error.message += ` A null without a type (${names}) is sent as nvarchar: give { type: TYPES.VarBinary, value: null }.`;
  }
  return error;
}
