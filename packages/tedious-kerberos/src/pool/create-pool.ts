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
  /** Connections in the hands of callers. */
  readonly used: number;
  /** Idle connections. */
  readonly free: number;
  /** Logins under way. */
  readonly connecting: number;
  /** Callers waiting for a connection. */
  readonly waiting: number;
  /** The last failed login, until one succeeds. */
  readonly lastLoginError: { readonly error: LoginError; readonly at: Date } | undefined;
}

/** Connections that are logged in and shared. All methods may be called at any time, by any number of callers. */
export interface Pool {
  /**
   * Runs one statement on a connection of the pool; see `query`. It is sent once: never again after an error.
   *
   * @throws LoginError, PoolError, or RequestError of tedious
   */
  query<Row = Record<string, unknown>>(
    sql: string,
    parameters?: Readonly<Record<string, ParameterValue>>,
    options?: QueryOptions,
  ): Promise<QueryResult<Row>>;
  /**
   * Lends a connection for as long as the function runs. One that comes back lost, with a request under way
   * or with an open transaction is closed and not handed out again.
   *
   * @throws LoginError, PoolError, TypeError for an option that there is not, and whatever the function throws
   */
  withConnection<T>(use: (connection: Connection) => Promise<T> | T, options?: AcquireOptions): Promise<T>;
  /**
   * Logs in until `min` connections (at least one) are ready, for a start-up check.
   *
   * @throws LoginError, PoolError, TypeError for an option that there is not
   */
  warm(options?: AcquireOptions): Promise<void>;
  status(): PoolStatus;
  /**
   * For a shutdown: takes no new callers, lets those that have or await a connection finish, then closes everything. After
   * `timeoutMilliseconds` (default 30000) closes what is still in use. Never rejects; may be called again, and of several
   * limits the one that ends first holds.
   *
   * @throws RangeError for a time limit that is none, TypeError for an option that there is not
   */
  drain(options?: { readonly timeoutMilliseconds?: number }): Promise<void>;
}

/**
 * Makes a pool. Connects when first asked to, not here.
 *
 * @throws RangeError for a wrong setting, TypeError for a wrong connection option
 */
export function createPool(config: PoolConfig): Pool {
  return new ConnectionPool(poolSettings(config));
}
