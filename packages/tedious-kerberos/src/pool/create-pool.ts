import type { Connection } from '../connection.ts';
import type { LoginError } from '../errors/login-error.ts';
import type { ParameterValue } from '../parameters/parameter-value.ts';
import type { QueryOptions, QueryResult } from '../query.ts';
import { ConnectionPool } from './connection-pool.ts';
import { type PoolConfig, poolSettings } from './pool-options.ts';

export interface AcquireOptions {
  /** Stops waiting for a connection when aborted, with the `PoolError` code `CANCELED`. */
  readonly signal?: AbortSignal | undefined;
}

export interface PoolStatus {
  readonly state: 'open' | 'draining' | 'closed';
  readonly max: number;
  /** Connections in use by callers. */
  readonly used: number;
  /** Idle connections. */
  readonly free: number;
  /** Logins in progress. */
  readonly connecting: number;
  /** Callers waiting for a connection. */
  readonly waiting: number;
  /** The last failed login; cleared when a login succeeds. */
  readonly lastLoginError: { readonly error: LoginError; readonly at: Date } | undefined;
}

/** Shared connections that stay logged in. All methods may be called at any time, by any number of callers. */
export interface Pool {
  /**
   * Runs one statement on a connection of the pool; see `query`. The statement is sent once and not retried after an error.
   *
   * @throws LoginError, PoolError or RequestError; RangeError or TypeError as `query` does
   */
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters?: Readonly<Record<string, ParameterValue>>,
    options?: QueryOptions,
  ): Promise<QueryResult<Row>>;
  /**
   * Lends a connection for as long as the function runs. A connection that comes back lost, with a request in progress or
   * with an open transaction is closed instead of being reused.
   *
   * @throws LoginError, PoolError, TypeError for an unknown option, and whatever the function throws
   */
  withConnection<T>(use: (connection: Connection) => Promise<T> | T, options?: AcquireOptions): Promise<T>;
  /**
   * Opens connections until `min` (at least one) are ready. Useful as a check at start-up.
   *
   * @throws LoginError, PoolError, TypeError for an unknown option
   */
  warm(options?: AcquireOptions): Promise<void>;
  status(): PoolStatus;
  /**
   * Shuts the pool down: refuses new callers, lets those that have or await a connection finish, then closes everything.
   * Connections still in use after `timeoutMilliseconds` (default 30000) are closed too. The promise never rejects. May be
   * called again; the limit that ends first counts.
   *
   * @throws RangeError for an invalid time limit, TypeError for an unknown option
   */
  drain(options?: { readonly timeoutMilliseconds?: number }): Promise<void>;
}

/**
 * Makes a pool. It connects when a caller first needs a connection, not here.
 *
 * @throws RangeError or TypeError for an invalid setting or connection option
 */
export function createPool(config: PoolConfig): Pool {
  return new ConnectionPool(poolSettings(config));
}
