/** An album as the page and the API show it. */
export interface Album {
  readonly id: number;
  readonly title: string;
  readonly artist: string;
}

/** How the database identifies us on a pooled connection. */
export interface DatabaseSession {
  /** The login's name, such as `CORP\db-user`. */
  readonly login: string;
  /** The authentication scheme, from `CONNECTIONPROPERTY('auth_scheme')`: `KERBEROS`, `NTLM` or `SQL`. */
  readonly scheme: string;
}

/**
 * What the web service needs from the database. Each promise settles within the time limits of the pool and the query,
 * and rejects only with a {@link DatabaseError}.
 */
export interface MusicDatabase {
  /**
   * Different albums, picked at random by the database; fewer than `count` only if the database holds fewer.
   *
   * @param signal aborted once no client waits for the answer; a query that has not been sent yet is then not sent
   */
  randomAlbums(count: number, signal?: AbortSignal): Promise<readonly Album[]>;
  session(signal?: AbortSignal): Promise<DatabaseSession>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  /** Seconds since the database last answered a query; `Infinity` before its first answer. */
  secondsSinceAnswer(): number;
  /** Waits for running queries, at most `limitSeconds`, then closes all connections. */
  close(limitSeconds: number): Promise<void>;
}

/**
 * - `busy`: every connection is taken and the queue is full, or the wait in it took too long
 * - `unavailable`: no connection could be made, or it broke
 * - `timeout`: the query took longer than its time limit
 * - `failed`: the database refused the query
 */
export type DatabaseErrorKind = 'busy' | 'unavailable' | 'timeout' | 'failed';

/** Why the database gave no answer. Only for the logs: message and cause may name hosts and accounts. */
export class DatabaseError extends Error {
  readonly kind: DatabaseErrorKind;
  /** The code of the underlying error, such as `TICKET_EXPIRED` or `LOGIN_REFUSED`. */
  readonly code: string | undefined;
  /** What an operator should do. */
  readonly hint: string | undefined;

  constructor(
    kind: DatabaseErrorKind,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly code?: string | undefined;
      readonly hint?: string | undefined;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'DatabaseError';
    this.kind = kind;
    this.code = options.code;
    this.hint = options.hint;
  }
}
